import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMujocoSimulator, type Simulator, type SimulatorState } from '../../src/bridge/index.ts';
import { Random } from '../../src/common/random.ts';
import { yawQuaternion } from '../../src/common/rotations.ts';
import { isGrasped, isHeldFirmly } from '../../src/envs/controllers/auto-grasp.ts';
import { facingDown } from '../../src/envs/controllers/tip-displacement.ts';
import { HOME_JOINTS } from '../../src/envs/tasks/target.ts';

/** The pads' centre from the tip, m. */
const REACH = 0.103;
const BLOCK_HEIGHT = 0.775;
const STILL = { kind: 'joint_velocity', velocities: new Float64Array(7) } as const;

let simulator: Simulator;
beforeAll(async () => {
  simulator = await createMujocoSimulator();
});
afterAll(() => simulator.close());

/** Closes the gripper around the block from a hand that is off by so much; null where the arm cannot get there. */
async function closeAround(off: { along: number; up: number; yaw: number }): Promise<SimulatorState | null> {
  const heading = 0.2;
  const [x, y] = [0.3 + off.along * -Math.sin(heading), off.along * Math.cos(heading)];
  const goal = { position: [x, y, BLOCK_HEIGHT + off.up + REACH] as const, orientation: facingDown(heading) };
  const jointPositions = simulator.kinematics.solve(goal, HOME_JOINTS);
  if (jointPositions === null) return null;
  const orientation = yawQuaternion(heading + off.yaw);
  let state = await simulator.reset({ jointPositions, target: { position: [0.3, 0, BLOCK_HEIGHT], orientation } });
  for (let period = 0; period < 6 && !isHeldFirmly(state); period++)
    state = await simulator.step({ arm: STILL, gripperVelocity: -0.5 });
  return state;
}

/** Raises the hand by 10 cm while the gripper stays closed: whether the block comes along. */
async function lifts(start: SimulatorState): Promise<boolean> {
  const [x, y, z] = start.tip.position;
  let state = start;
  for (let period = 1; period <= 25; period++) {
    const goal = { position: [x, y, z + Math.min(0.1, 0.01 * period)], orientation: start.tip.orientation } as const;
    state = await simulator.step({ arm: { kind: 'tip_goal', goal }, gripperVelocity: -0.5 });
  }
  return state.target.position[2] - start.target.position[2] > 0.08;
}

it('a firm grasp comes along when lifted, however the hand stood; corners and edges are none', async () => {
  const random = new Random(3);
  const outcomes = { firm: 0, slipped: 0, loose: 0, looseSlipped: 0 };
  for (let trial = 0; trial < 150; trial++) {
    const off = { along: random.uniform(-0.04, 0.04), up: random.uniform(0, 0.05), yaw: random.uniform(-1, 1) };
    const state = await closeAround(off);
    if (state === null) continue;
    const [firm, grasped] = [isHeldFirmly(state), isGrasped(state)];
    if (!grasped) continue;
    const held = await lifts(state);
    if (firm) {
      outcomes.firm++;
      if (!held) outcomes.slipped++;
    } else {
      outcomes.loose++;
      if (!held) outcomes.looseSlipped++;
    }
  }
  expect(outcomes.firm).toBeGreaterThan(20);
  expect(outcomes.slipped, JSON.stringify(outcomes)).toBe(0);
  // The trials do contain what a weaker test would have taken for grasps.
  expect(outcomes.looseSlipped, JSON.stringify(outcomes)).toBeGreaterThan(0);
});
