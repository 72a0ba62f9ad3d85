import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type CoppeliaSimOptions,
  createCoppeliaSimSimulator,
  ProtocolVersionError,
  SceneError,
  SceneObjectNotFoundError,
  SimulationDivergedError,
  type Simulator,
  SimulatorClosedError,
  SimulatorLostError,
  SimulatorStartError,
  SimulatorTimeoutError,
} from '../../../src/bridge/index.ts';
import { type PeerOptions, ScriptedPeer } from './scripted-peer.ts';

const home = [-0.295, -1.005, 0, 1.882, 0, 0.69, 1.3];
const block = { position: [0.3, 0.1, 0.775], orientation: [0, 0, 0.28, 0.96] } as const;
const still = new Float64Array(7);

let peer: ScriptedPeer;
let simulator: Simulator | undefined;
afterEach(async () => {
  await simulator?.close();
  simulator = undefined;
  await peer?.close();
});

async function open(options: CoppeliaSimOptions = {}, peerOptions: PeerOptions = {}): Promise<Simulator> {
  peer = await ScriptedPeer.start(peerOptions);
  simulator = await createCoppeliaSimSimulator({ address: peer.address, stepTimeout: 2, backOff: 0.05, ...options });
  return simulator;
}

const callsOf = (func: string) => peer.calls.filter(call => call.func === func).map(call => call.args);

test('resets, steps and states over the script and its lane', async () => {
  const sim = await open();
  expect(sim).toMatchObject({ name: 'coppeliasim', version: '4.10.0', controlPeriod: 0.05 });
  const start = await sim.reset({ jointPositions: home, target: block, gripperOpening: 0.06 });
  expect([...start.jointPositions]).toEqual(home);
  expect(start).toMatchObject({ time: 0, gripperOpening: 0.06, target: block });
  // Kinematics on both sides is the same here, so the tip is exactly where it says.
  expect(start.tip.position).toEqual(sim.kinematics.tipPose(home).position);
  const velocities = [0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7];
  const state = await sim.step({ arm: { kind: 'joint_velocity', velocities }, gripperVelocity: -0.1 });
  velocities.forEach((velocity, j) => {
    expect(state.jointPositions[j]).toBeCloseTo((home[j] as number) + 0.05 * velocity, 12);
  });
  expect(state.time).toBeCloseTo(0.05, 12);
  expect(state.gripperOpening).toBeCloseTo(0.05, 12);
  expect(await sim.state()).toBe(state);
});

test('a tip goal is solved on our side, once a period', async () => {
  const sim = await open();
  const { tip } = await sim.reset({ jointPositions: home, target: block });
  const goal = { ...tip, position: [tip.position[0] + 0.02, tip.position[1], tip.position[2] - 0.02] as const };
  let state = await sim.state();
  for (let i = 0; i < 10; i++) state = await sim.step({ arm: { kind: 'tip_goal', goal }, gripperVelocity: 0 });
  expect(Math.hypot(...goal.position.map((x, i) => x - (state.tip.position[i] as number)))).toBeLessThan(1e-3);
});

test('the proximity sensor is computed from poses, with the size of the block that was asked for', async () => {
  const sim = await open({ target: { size: [0.02, 0.02, 0.02], mass: 0.1 } });
  const { tip } = await sim.reset({ jointPositions: home, target: block });
  // The hand looks down: the sensor is 59 mm below the tip, and reaches 10 cm.
  const below = (distance: number) =>
    sim.reset({
      jointPositions: home,
      target: {
        position: [tip.position[0], tip.position[1], tip.position[2] - 0.059 - distance],
        orientation: [0, 0, 0, 1],
      },
    });
  expect((await below(0.105)).targetDetected).toBe(true);
  // Beyond the reach by more than half of the block's height.
  expect((await below(0.115)).targetDetected).toBe(false);
});

test("the block's size and mass are set while the simulation stands still", async () => {
  await open({ target: { size: [0.05, 0.05, 0.06], mass: 0.1 } });
  expect(callsOf('sim.setShapeBB')).toEqual([[31, [0.05, 0.05, 0.06]]]);
  expect(callsOf('sim.setShapeMass')).toEqual([[31, 0.1]]);
  const order = peer.calls.map(call => call.func);
  expect(order.indexOf('sim.setShapeMass')).toBeLessThan(order.indexOf('sim.startSimulation'));
});

test('a scene that is given is loaded first, by its whole path', async () => {
  await open({ scene: 'some/scene.ttt' });
  expect(callsOf('sim.loadScene')).toEqual([[`${process.cwd()}/some/scene.ttt`]]);
});

test.each([
  ['says so', { error: '354: in sim.loadScene: file not found' }],
  ['answers -1', [-1]],
])('a scene that the simulator cannot load is an error (it %s)', async (_, answer) => {
  const onCall = (func: string) => (func === 'sim.loadScene' ? answer : undefined);
  await expect(open({ scene: '/no/such.ttt' }, { onCall })).rejects.toThrow(SceneError);
});

test('closing stops the simulation and takes the script out', async () => {
  const sim = await open();
  await sim.reset({ jointPositions: home, target: block });
  await sim.close();
  expect(peer.running).toBe(false);
  expect(callsOf('sim.removeObjects')).toEqual([[[100]]]);
  await expect(sim.state()).rejects.toThrow(SimulatorClosedError);
});

test('a snapshot brings joints, opening, target and time back', async () => {
  const sim = await open();
  await sim.reset({ jointPositions: home, target: block, gripperOpening: 0.05 });
  const before = await sim.step({
    arm: { kind: 'joint_velocity', velocities: [0.3, 0, 0, 0, 0, 0, 0] },
    gripperVelocity: 0,
  });
  const snapshot = await sim.snapshot();
  await sim.reset({ jointPositions: still.map((_, j) => (home[j] as number) + 0.1), target: block });
  const after = await sim.restore(snapshot);
  expect(after.jointPositions).toEqual(before.jointPositions);
  expect(after.time).toBeCloseTo(before.time, 12);
  expect(after.gripperOpening).toBeCloseTo(before.gripperOpening, 12);
  const next = await sim.step({ arm: { kind: 'joint_velocity', velocities: still }, gripperVelocity: 0 });
  expect(next.time).toBeCloseTo(before.time + 0.05, 12);
  await expect(sim.restore({ simulator: 'mujoco', data: snapshot.data })).rejects.toThrow('cannot be restored');
});

test('bodies are described by the model, and posed as the state says', async () => {
  const sim = await open({ target: { size: [0.05, 0.05, 0.06], mass: 0.1 } });
  await sim.reset({ jointPositions: home, target: block });
  const { bodies } = await sim.describe();
  const poses = await sim.bodyPoses();
  const at = 7 * bodies.findIndex(body => body.name === 'target');
  expect([...poses.subarray(at, at + 3)]).toEqual([...block.position]);
  expect(bodies.find(body => body.name === 'target')?.mass).toBe(0.1);
});

test.each([
  ['a joint beyond its limit', { jointPositions: [4, 0, 0, 0, 0, 0, 0], target: block }, 'joint 0 at 4 rad'],
  ['a wrong number of joints', { jointPositions: [0, 0], target: block }, 'must be 7 numbers'],
  ['an opening that cannot be', { jointPositions: home, target: block, gripperOpening: 0.2 }, 'opens from 0 to 0.08'],
])('a reset with %s is refused, and the simulator is as good as before', async (_, options, message) => {
  const sim = await open();
  await expect(sim.reset(options)).rejects.toThrow(message);
  expect((await sim.reset({ jointPositions: home, target: block })).time).toBe(0);
});

describe('a scene that cannot be used is refused before the first step', () => {
  test('without our objects: the missing paths, and the nearest ones that are there', async () => {
    const error = await open({}, { without: ['/target', '/Sawyer/Sawyer_joint4'] }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(SceneObjectNotFoundError);
    const { message } = error as Error;
    expect(message).toContain('/target');
    expect(message).toMatch(/\/Sawyer\/Sawyer_joint4 \(nearest: \/Sawyer\/Sawyer_joint1/);
    expect(message).toContain('build-scene');
  });

  test('with an arm that stands elsewhere', async () => {
    await expect(open({}, { displaced: true })).rejects.toThrow(/0\.200 m from where the kinematics has it/);
  });

  test('with a block that does not take its size', async () => {
    const onCall = (func: string) => (func === 'sim.getShapeBB' ? [[0.3, 0.3, 0.3]] : undefined);
    await expect(open({}, { onCall })).rejects.toThrow(SceneError);
  });

  test('with objects that are others to the script than to us', async () => {
    const onCall = (func: string, [path]: readonly unknown[]) =>
      func === 'sim.getObject' && path === '/diningTable' ? [77] : undefined;
    await expect(open({}, { onCall })).rejects.toThrow(ProtocolVersionError);
  });

  test('with a time step that cannot be set', async () => {
    const onCall = (func: string) =>
      func === 'sim.getSimulationTimeStep' ? [0.01] : func === 'sim.setFloatParam' ? [] : undefined;
    await expect(open({}, { onCall })).rejects.toThrow('told 0.05 s in vain');
  });

  test('and the simulation is left stopped', async () => {
    await open({}, { displaced: true }).catch(() => {});
    expect(peer.running).toBe(false);
  });
});

describe('what goes wrong on the way', () => {
  test('a port of the lane that is taken is an error that says so', async () => {
    const other = createServer();
    const lanePort = await new Promise<number>(resolve =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
    );
    const error = await open({ lanePort, startTimeout: 0.5 }).catch((cause: unknown) => cause);
    other.close();
    expect(error).toBeInstanceOf(SimulatorStartError);
    expect((error as Error).message).toContain('Address already in use');
  });

  test('a simulator that another program drives is left to it', async () => {
    const first = await open({ idleSeconds: 1 });
    await first.reset({ jointPositions: home, target: block });
    let driving = true;
    const driven = (async () => {
      while (driving) {
        await first.step({ arm: { kind: 'joint_velocity', velocities: still }, gripperVelocity: 0 });
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    })();
    const options = { address: peer.address, idleSeconds: 1 };
    await expect(createCoppeliaSimSimulator(options)).rejects.toThrow('Another program is driving');
    driving = false;
    await driven;
    await expect(first.reset({ jointPositions: home, target: block })).resolves.toMatchObject({ time: 0 });
  });

  test('nobody there: an error within the time allowed', async () => {
    const before = performance.now();
    await expect(createCoppeliaSimSimulator({ address: 'tcp://127.0.0.1:9', connectTimeout: 1 })).rejects.toThrow(
      SimulatorTimeoutError,
    );
    expect(performance.now() - before).toBeLessThan(5000);
  });

  test('a state that is not finite fails the step, and a reset leads back', async () => {
    const sim = await open();
    await sim.reset({ jointPositions: home, target: block });
    peer.lua.do("world.objects[sim.getObject('/target')].pose[1] = 0/0");
    await expect(sim.step({ arm: { kind: 'joint_velocity', velocities: still }, gripperVelocity: 0 })).rejects.toThrow(
      SimulationDivergedError,
    );
    expect((await sim.reset({ jointPositions: home, target: block })).target).toEqual(block);
  });

  test('one that stays so after a reset is set up anew', async () => {
    const sim = await open();
    await sim.reset({ jointPositions: home, target: block });
    peer.lua.do("world.objects[sim.getObject('/Sawyer/BaxterGripper_leftPad')].pose[1] = 0/0");
    expect((await sim.reset({ jointPositions: home, target: block })).padsCenter.every(Number.isFinite)).toBe(true);
    expect(callsOf('sim.startSimulation')).toHaveLength(2);
  });

  test('a simulation stopped by someone else is lost at the next step, within a second, and had again by a reset', async () => {
    const sim = await open();
    await sim.reset({ jointPositions: home, target: block });
    await peer.stop();
    const before = performance.now();
    await expect(sim.step({ arm: { kind: 'joint_velocity', velocities: still }, gripperVelocity: 0 })).rejects.toThrow(
      SimulatorLostError,
    );
    // A second, where the machine has nothing else to do; silence would be noticed after ten.
    expect(performance.now() - before).toBeLessThan(5_000);
    await expect(sim.state()).rejects.toThrow('Reset to go on');
    const state = await sim.reset({ jointPositions: home, target: block });
    expect([...state.jointPositions]).toEqual(home);
  });

  test('a script that fails at a request makes a lost step, and works again after a reset', async () => {
    const sim = await open();
    await sim.reset({ jointPositions: home, target: block });
    peer.lua.do("sim.setJointTargetVelocity = function() error('object does not exist.') end");
    await expect(sim.step({ arm: { kind: 'joint_velocity', velocities: still }, gripperVelocity: 0 })).rejects.toThrow(
      SimulatorLostError,
    );
    expect((await sim.reset({ jointPositions: home, target: block })).time).toBe(0);
  });

  test('a simulator that cannot be had again is given up after the attempts allowed', async () => {
    const sim = await open({ attempts: 2, connectTimeout: 0.5 });
    await sim.reset({ jointPositions: home, target: block });
    await peer.close();
    await expect(sim.reset({ jointPositions: home, target: block })).rejects.toThrow('in 2 attempts');
  });
});

test.each([
  [{ address: 'here' }, 'no address of a simulator'],
  [{ address: '23000', gui: true }, 'Name one or the other'],
  [{ adress: '23000' }, 'Did you mean "address"?'],
])('options %j are refused', async (options, message) => {
  // Wrong on purpose.
  await expect(createCoppeliaSimSimulator(options as CoppeliaSimOptions)).rejects.toThrow(message);
});

test('a line for the status bar is one clean line at the level that it shows', async () => {
  const sim = await open({}, { onCall: func => (func === 'sim.addLog' ? [] : undefined) });
  await sim.announce?.(`episode 3\u0007\nsucceeded \ud800${'x'.repeat(300)}`);
  // sim.verbosity_scriptinfos (450) with sim.verbosity_undecorated (0xf000), as CoppeliaSim 4.10 lists them.
  expect(callsOf('sim.addLog')).toEqual([[450 + 0xf000, `episode 3 succeeded  ${'x'.repeat(179)}…`]]);
});

test('a simulator that has no such call says so, and goes on', async () => {
  const sim = await open();
  await expect(sim.announce?.('episode 1')).rejects.toThrow(/No such function: sim\.addLog/);
  expect(await sim.reset({ jointPositions: home, target: block })).toMatchObject({ time: 0 });
});
