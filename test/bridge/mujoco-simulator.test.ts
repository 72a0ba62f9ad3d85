import { afterEach, describe, expect, it } from 'vitest';
import {
  createMujocoSimulator,
  ForeignSnapshotError,
  InvalidCommandError,
  type MujocoSimulatorOptions,
  SceneError,
  SimulationDivergedError,
  type Simulator,
  SimulatorClosedError,
  type SimulatorCommand,
  type SimulatorState,
} from '../../src/bridge/index.ts';
import { UsageError } from '../../src/common/errors.ts';
import { Random } from '../../src/common/random.ts';

const opened: Simulator[] = [];
async function open(options?: MujocoSimulatorOptions): Promise<Simulator> {
  const simulator = await createMujocoSimulator(options);
  opened.push(simulator);
  return simulator;
}
afterEach(async () => {
  for (const simulator of opened.splice(0)) await simulator.close();
});

const still: SimulatorCommand = {
  arm: { kind: 'joint_velocity', velocities: [0, 0, 0, 0, 0, 0, 0] },
  gripperVelocity: 0,
};
const onTable = { position: [0.3, 0, 0.775], orientation: [0, 0, 0, 1] } as const;
const restart = (simulator: Simulator) =>
  simulator.reset({ jointPositions: simulator.kinematics.home, target: onTable });

/** A command that moves everything, the hand among the blocks, from a seeded generator. */
function randomCommand(random: Random): SimulatorCommand {
  const gripperVelocity = random.uniform(-0.3, 0.3);
  if (random.uniform() < 0.5)
    return {
      arm: { kind: 'joint_velocity', velocities: Array.from({ length: 7 }, () => random.uniform(-1, 1)) },
      gripperVelocity,
    };
  const position = [random.uniform(0.2, 0.4), random.uniform(-0.1, 0.1), random.uniform(0.86, 1)] as const;
  return { arm: { kind: 'tip_goal', goal: { position, orientation: [1, 0, 0, 0] } }, gripperVelocity };
}

/** States of a seeded trajectory of 60 steps. */
async function trajectory(simulator: Simulator, seed: number): Promise<SimulatorState[]> {
  const random = new Random(seed);
  const states: SimulatorState[] = [];
  for (let step = 0; step < 60; step++) states.push(await simulator.step(randomCommand(random)));
  return states;
}

describe('a reset', () => {
  it('puts everything where told, at rest, at time 0', async () => {
    const simulator = await open();
    await trajectory(simulator, 1);
    const state = await simulator.reset({
      jointPositions: [0.1, -1, 0.2, 1.8, -0.1, 0.7, 1],
      target: { position: [0.2, -0.1, 1], orientation: [0, 0, 2, 2] },
      gripperOpening: 0.03,
    });
    expect(state.time).toBe(0);
    expect([...state.jointPositions]).toEqual([0.1, -1, 0.2, 1.8, -0.1, 0.7, 1]);
    expect([...state.jointVelocities]).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(state.target.position).toEqual([0.2, -0.1, 1]);
    expect(state.target.orientation[2]).toBeCloseTo(Math.SQRT1_2, 12);
    expect(state.gripperOpening).toBeCloseTo(0.03, 12);
    expect(await simulator.state()).toEqual(state);
  });

  it('refuses what cannot be, naming it', async () => {
    const simulator = await open();
    const home = simulator.kinematics.home;
    const reset = (options: object) => simulator.reset({ jointPositions: home, target: onTable, ...options });
    await expect(reset({ jointPositions: [1, 2, 3] })).rejects.toThrow(/7 numbers, but there are 3/);
    await expect(reset({ jointPositions: [0, 0, 0, 0, 0, 0, Number.NaN] })).rejects.toThrow(InvalidCommandError);
    await expect(reset({ jointPositions: [0, 0, 0, 3.5, 0, 0, 0] })).rejects.toThrow(/joint 3 at 3.5 rad/);
    await expect(reset({ gripperOpening: 0.2 })).rejects.toThrow(/0.2 m/);
    await expect(
      reset({ target: { position: [0, 0, Number.POSITIVE_INFINITY], orientation: [0, 0, 0, 1] } }),
    ).rejects.toThrow(/target/);
    await expect(reset({ target: { position: [0, 0, 1], orientation: [0, 0, 0, 0] } })).rejects.toThrow(/quaternion/);
  });
});

describe('a step', () => {
  it('advances the control period of 50 ms', async () => {
    const simulator = await open();
    await restart(simulator);
    expect(simulator.controlPeriod).toBeCloseTo(0.05, 12);
    await simulator.step(still);
    expect((await simulator.step(still)).time).toBeCloseTo(0.1, 12);
  });

  it('holds the arm up against gravity to 0.1 mrad over 5 s', async () => {
    const simulator = await open();
    const start = await restart(simulator);
    let state = start;
    for (let step = 0; step < 100; step++) state = await simulator.step(still);
    state.jointPositions.forEach((angle, j) => {
      expect(Math.abs(angle - (start.jointPositions[j] as number))).toBeLessThan(1e-4);
    });
  });

  it('reaches the joint velocities told within 100 ms', async () => {
    const simulator = await open();
    await restart(simulator);
    const velocities = [0.5, -0.4, 0.3, -0.5, 0.8, -0.6, 0.9];
    let state = await simulator.step({ arm: { kind: 'joint_velocity', velocities }, gripperVelocity: 0 });
    state = await simulator.step({ arm: { kind: 'joint_velocity', velocities }, gripperVelocity: 0 });
    velocities.forEach((wanted, j) => {
      expect(Math.abs((state.jointVelocities[j] as number) - wanted)).toBeLessThan(0.05);
    });
  });

  it('scales a vector over the velocity limits as a whole', async () => {
    const simulator = await open();
    await restart(simulator);
    // Joint 1 may do 1.328 rad/s: twice that halves all the others.
    const fast = [0.4, 2 * 1.328, 0, 0, 0.6, 0, 0];
    const slow = fast.map(value => value / 2);
    const first = await simulator.step({ arm: { kind: 'joint_velocity', velocities: fast }, gripperVelocity: 0 });
    await restart(simulator);
    const second = await simulator.step({ arm: { kind: 'joint_velocity', velocities: slow }, gripperVelocity: 0 });
    expect(first).toEqual(second);
  });

  it('leads the tip to a goal', async () => {
    const simulator = await open();
    await restart(simulator);
    const goal = { position: [0.4, -0.2, 0.95], orientation: [Math.cos(0.3), Math.sin(0.3), 0, 0] } as const;
    let state = await simulator.state();
    for (let step = 0; step < 40; step++)
      state = await simulator.step({ arm: { kind: 'tip_goal', goal }, gripperVelocity: 0 });
    goal.position.forEach((value, i) => {
      expect(state.tip.position[i]).toBeCloseTo(value, 3);
    });
    expect(
      Math.abs(goal.orientation.reduce((sum, q, i) => sum + q * (state.tip.orientation[i] as number), 0)),
    ).toBeGreaterThan(0.99999);
  });

  it('opens and closes the gripper at the velocity told, and turns back at once', async () => {
    const simulator = await open();
    await restart(simulator);
    const move = (gripperVelocity: number) => simulator.step({ arm: still.arm, gripperVelocity });
    let state = await simulator.state();
    for (let step = 0; step < 4; step++) state = await move(-0.05);
    // Each finger has had 0.2 s at 5 cm/s; the servo lags by some 20 ms.
    expect(state.gripperOpening).toBeGreaterThan(0.0599);
    expect(state.gripperOpening).toBeLessThan(0.065);
    for (let step = 0; step < 20; step++) state = await move(-0.1);
    expect(state.gripperOpening).toBeLessThan(5e-4);
    state = await move(0.1);
    state = await move(0.1);
    expect(state.gripperOpening).toBeGreaterThan(0.01);
  });

  it('lets a dropped block come to rest on the table, and one beyond the edge fall', async () => {
    const simulator = await open();
    const drop = async (x: number) => {
      let state = await simulator.reset({
        jointPositions: simulator.kinematics.home,
        target: { position: [x, 0.25, 1], orientation: [0, 0, 0, 1] },
      });
      for (let step = 0; step < 30; step++) state = await simulator.step(still);
      return state.target.position[2];
    };
    expect(await drop(0.3)).toBeCloseTo(0.775, 3);
    expect(await drop(0.9)).toBeLessThan(0.1);
  });

  it('tells which pad is on the table, and the table from the target', async () => {
    const simulator = await open();
    const press = async (tilt: number) => {
      let state = await restart(simulator);
      expect(Object.values(state.contacts)).toEqual([false, false, false, false]);
      // Facing down, then tilted about the world's y axis: a positive tilt lowers the left pad, on the x side.
      const orientation = [Math.cos(tilt / 2), 0, -Math.sin(tilt / 2), 0] as const;
      const goal = { position: [0.3 - 0.12 * Math.sin(tilt), 0.25, 0.868], orientation } as const;
      for (let step = 0; step < 40; step++)
        state = await simulator.step({ arm: { kind: 'tip_goal', goal }, gripperVelocity: 0 });
      return state.contacts;
    };
    const none = { leftPadTarget: false, rightPadTarget: false };
    expect(await press(0.2)).toEqual({ ...none, leftPadTable: true, rightPadTable: false });
    expect(await press(-0.2)).toEqual({ ...none, leftPadTable: false, rightPadTable: true });
  });

  it('refuses what cannot be, naming it', async () => {
    const simulator = await open();
    await restart(simulator);
    const velocities = [0, 0, 0, Number.NaN, 0, 0, 0];
    await expect(simulator.step({ arm: { kind: 'joint_velocity', velocities }, gripperVelocity: 0 })).rejects.toThrow(
      /number 3 is NaN/,
    );
    await expect(
      simulator.step({ arm: { kind: 'joint_velocity', velocities: [0, 0] }, gripperVelocity: 0 }),
    ).rejects.toThrow(InvalidCommandError);
    await expect(simulator.step({ ...still, gripperVelocity: Number.NaN })).rejects.toThrow(/gripper velocity/);
    const goal = { position: [0, Number.NaN, 0], orientation: [1, 0, 0, 0] } as const;
    await expect(simulator.step({ arm: { kind: 'tip_goal', goal }, gripperVelocity: 0 })).rejects.toThrow(/tip goal/);
  });

  it('reports a simulation that leaves the finite numbers, and a reset recovers from it', async () => {
    const simulator = await open();
    const expected = await restart(simulator);
    const snapshot = await simulator.snapshot();
    // Time, 16 positions, then velocities: the block's spin, beyond what a square can hold.
    snapshot.data[1 + 16 + 14] = 1e200;
    await simulator.restore(snapshot);
    await expect(simulator.step(still)).rejects.toThrow(SimulationDivergedError);
    expect(await restart(simulator)).toEqual(expected);
    expect((await simulator.step(still)).time).toBeCloseTo(0.05, 12);
  });
});

describe('exactness', () => {
  it('same reset and commands, same states bit for bit, across simulators and after whatever came before', async () => {
    const first = await open();
    await restart(first);
    const expected = await trajectory(first, 3);
    const second = await open();
    await restart(second);
    await trajectory(second, 99);
    await restart(second);
    expect(await trajectory(second, 3)).toEqual(expected);
    // A trajectory that touches nothing would prove little.
    expect(expected.some(state => Object.values(state.contacts).some(Boolean))).toBe(true);
  });

  it('a restored snapshot goes on bit for bit, whatever was looked at meanwhile', async () => {
    const simulator = await open();
    await restart(simulator);
    await trajectory(simulator, 4);
    const state = await simulator.state();
    const snapshot = await simulator.snapshot();
    const expected = await trajectory(simulator, 5);
    await restart(simulator);
    expect(await simulator.restore(snapshot)).toEqual(state);
    await simulator.bodyPoses();
    await simulator.describe();
    expect(await trajectory(simulator, 5)).toEqual(expected);
    const other = await open();
    await other.restore(snapshot);
    expect(await trajectory(other, 5)).toEqual(expected);
  });

  it('refuses a snapshot of another scene', async () => {
    const simulator = await open();
    const other = await open({ target: { size: [0.05, 0.05, 0.06], mass: 0.1 } });
    await expect(simulator.restore(await other.snapshot())).rejects.toThrow(ForeignSnapshotError);
    await expect(simulator.restore({ simulator: 'coppeliasim', data: new Float64Array(3) })).rejects.toThrow(
      /"coppeliasim" with 3 numbers/,
    );
  });
});

describe('bodies', () => {
  it('are described parents first, with poses that are those of the state', async () => {
    const simulator = await open({ target: { size: [0.05, 0.05, 0.06], mass: 0.1 } });
    await restart(simulator);
    const state = (await trajectory(simulator, 6)).at(-1) as SimulatorState;
    const { bodies } = await simulator.describe();
    const poses = await simulator.bodyPoses();
    expect(poses.length).toBe(7 * bodies.length);
    expect(bodies[0]?.parent).toBe(-1);
    for (const [index, body] of bodies.entries()) expect(body.parent).toBeLessThan(index);
    const pose = (name: string) => {
      const at = 7 * bodies.findIndex(body => body.name === name);
      return [...poses.subarray(at, at + 7)];
    };
    const close = (found: readonly number[], expected: readonly number[]) =>
      found.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i] as number, 9);
      });
    close(pose('target'), [...state.target.position, ...state.target.orientation]);
    close(pose('hand').slice(0, 3), state.tip.position);
    const target = bodies.find(body => body.name === 'target');
    expect(target?.mass).toBe(0.1);
    expect(target?.shapes[0]?.size).toEqual([0.025, 0.025, 0.03]);
  });
});

describe('opening and closing', () => {
  it('names what is wrong with options or scene', async () => {
    await expect(createMujocoSimulator({ scene: '/nowhere/else.xml' })).rejects.toThrow(SceneError);
    await expect(createMujocoSimulator({ scene: new URL(import.meta.url).pathname })).rejects.toThrow(
      /Compiling the scene/,
    );
    await expect(createMujocoSimulator({ target: { size: [0.05, -1, 0.05], mass: 1 } })).rejects.toThrow(UsageError);
    // A name nobody knows, as a caller without types would write it.
    await expect(createMujocoSimulator({ sceen: 'x' } as MujocoSimulatorOptions)).rejects.toThrow(/Did you mean/);
  });

  it('refuses everything after close, and closing twice is fine', async () => {
    const simulator = await open();
    await restart(simulator);
    await simulator.close();
    await simulator.close();
    await expect(simulator.step(still)).rejects.toThrow(SimulatorClosedError);
    await expect(simulator.state()).rejects.toThrow(SimulatorClosedError);
    await expect(simulator.bodyPoses()).rejects.toThrow(SimulatorClosedError);
  });
});
