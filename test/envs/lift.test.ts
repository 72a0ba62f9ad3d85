import { expect, test } from 'vitest';
import type { Kinematics, SimulatorState } from '../../src/bridge/index.ts';
import { Random } from '../../src/common/random.ts';
import { yawQuaternion } from '../../src/common/rotations.ts';
import { facingDown } from '../../src/envs/controllers/tip-displacement.ts';
import { liftOptions, liftReward, liftTask, observeLift } from '../../src/envs/tasks/lift.ts';
import { stateWith } from './states.ts';

/** The centre of a block that lies on the table, m. */
const RESTING = 0.78;
/** Joints are drawn around a fixed posture: no kinematics is asked. */
const NO_KINEMATICS = {} as Kinematics;
const STILL = new Float32Array(5);
const CLOSE = Float32Array.of(0, 0, 0, 0, -1);

const contacts = { leftPadTarget: true, rightPadTarget: true, leftPadTable: false, rightPadTable: false };

/** The block `height` above its place on the table, the pads' centre `above` the block's. */
function blockAt(height: number, above: number, changes: Partial<SimulatorState> = {}): SimulatorState {
  const z = RESTING + height;
  return stateWith({
    target: { position: [0.3, 0, z], orientation: [0, 0, 0, 1] },
    padsCenter: [0.3, 0, z + above],
    ...changes,
  });
}
const grasped = (height: number) => blockAt(height, 0, { contacts, gripperOpening: 0.05 });
const outcome = (state: SimulatorState) => ({ acted: state, state, held: false });

test('pays for coming near and for the yaw, by the published weights', () => {
  expect(liftReward(blockAt(0, 0), STILL)).toBeCloseTo(0.15 + 0.1 + 0.05 - 1, 9);
  expect(liftReward(blockAt(0, 0.1), STILL)).toBeCloseTo(0.15 * 0.8 + 0.1 * (1 - Math.tanh(1.5)) + 0.05 - 1, 9);
  expect(liftReward(blockAt(0, 0.6), STILL)).toBeCloseTo(0.1 * (1 - Math.tanh(9)) + 0.05 - 1, 9);
  const turned = { position: [0.3, 0, RESTING] as const, orientation: yawQuaternion(Math.PI / 8) };
  expect(liftReward(blockAt(0, 0, { target: turned }), STILL)).toBeCloseTo(0.15 + 0.1 + 0.025 - 1, 9);
});

test('pays for a grasp, and for its height up to 8 cm', () => {
  const near = 0.15 + 0.1 + 0.05 - 1;
  expect(liftReward(grasped(0), STILL)).toBeCloseTo(near + 0.15, 9);
  expect(liftReward(grasped(-0.01), STILL)).toBeCloseTo(near + 0.15, 9);
  expect(liftReward(grasped(0.04), STILL)).toBeCloseTo(near + 0.15 + 0.55 / 2, 9);
  expect(liftReward(grasped(0.2), STILL)).toBeCloseTo(near + 0.15 + 0.55, 9);
});

test('takes 0.1 for closed fingers further than 3 cm from the block, in proportion to how closed they are', () => {
  const penalty = (above: number, gripperOpening: number) =>
    liftReward(blockAt(0, above), STILL) - liftReward(blockAt(0, above, { gripperOpening }), STILL);
  expect(penalty(0.031, 0)).toBeCloseTo(0.1, 9);
  expect(penalty(0.031, 0.06)).toBeCloseTo(0.025, 9);
  expect(penalty(0.029, 0)).toBe(0);
});

test('takes 0.1 for a pad on the table, and 0.005 of the effort, each number in its own unit', () => {
  const free = liftReward(blockAt(0, 0), STILL);
  for (const pad of ['leftPadTable', 'rightPadTable'] as const) {
    const touching = { ...blockAt(0, 0).contacts, [pad]: true };
    expect(free - liftReward(blockAt(0, 0, { contacts: touching }), STILL)).toBeCloseTo(0.1, 9);
  }
  for (const [i, unit] of [0.03, 0.03, 0.03, 0.3, 1].entries()) {
    const action = STILL.slice();
    action[i] = -2 * unit;
    expect(free - liftReward(blockAt(0, 0), action)).toBeCloseTo(0.02, 6);
  }
});

test('counts the steps in a row that the block is held up: a step without, and a new episode, count from zero', () => {
  const task = liftTask(liftOptions({ holdSteps: 3, reward: 'sparse' }));
  const start = () => task.start(new Random(1), NO_KINEMATICS, {});
  const evaluate = (height: number) => task.evaluate(outcome(grasped(height)), CLOSE);
  start();
  const steps = [0.06, 0.06, 0.04, 0.06, 0.06].map(evaluate);
  expect(steps.map(step => step.reward)).toEqual([0, 0, -1, 0, 0]);
  expect(steps.some(step => step.terminated || step.info.success)).toBe(false);
  expect(evaluate(0.06)).toMatchObject({ terminated: true, info: { success: true } });
  start();
  expect(evaluate(0.06).info.success).toBe(false);
  expect(evaluate(0.06).info.success).toBe(false);
  expect(evaluate(0.06).info.success).toBe(true);
});

test('asks for 5 steps in a row with the sparse reward and for one with the dense one', () => {
  expect(liftOptions({ reward: 'sparse' }).holdSteps).toBe(5);
  expect(liftOptions().holdSteps).toBe(1);
});

test('a block that is up but not grasped is not lifted; success pays 5 and a fall costs 10', () => {
  const task = liftTask(liftOptions());
  task.start(new Random(1), NO_KINEMATICS, {});
  const thrown = task.evaluate(outcome(blockAt(0.06, 0)), STILL);
  expect(thrown).toMatchObject({ terminated: false, info: { success: false, grasped: false } });
  const lifted = grasped(0.06);
  expect(task.evaluate(outcome(lifted), STILL).reward).toBeCloseTo(liftReward(lifted, STILL) + 5, 9);
  const fallen = blockAt(-0.09, 0.2);
  const fall = task.evaluate(outcome(fallen), STILL);
  expect(fall.reward).toBeCloseTo(liftReward(fallen, STILL) - 10, 9);
  expect(fall).toMatchObject({ terminated: true, info: { fallen: true } });
});

test('observes 14 numbers in their units', () => {
  const state = stateWith({
    tip: { position: [0.375, 0.1, 1], orientation: facingDown(0.2) },
    target: { position: [0.4, 0.15, RESTING + 0.02], orientation: yawQuaternion(0.5) },
    gripperOpening: 0.02,
    contacts: { ...contacts, rightPadTarget: false },
  });
  // The turn that is left, 0.3 rad, in quarters of a turn: the block looks the same after each.
  const yaw = 4 * 0.3;
  // The pads are 10.3 cm below the tip.
  const toGrasp = [0.025, 0.05, RESTING + 0.02 - (1 - 0.103)].map(x => 8 * x);
  const expected = [0.4, 0.4, 0.4, ...toGrasp, Math.sin(yaw), Math.cos(yaw), 0.25, 1, 0, 0.3, 0.2, -1];
  expect([...observeLift(state, -1)]).toEqual(expected.map(x => expect.closeTo(x, 6)));
  const far = stateWith({ target: { position: [2, -2, RESTING], orientation: [0, 0, 0, 1] } });
  expect([...observeLift(far, 1)].slice(3, 5)).toEqual([4, -4]);
});

test('observes the last gripper command: open at the start of an episode', () => {
  const task = liftTask(liftOptions());
  const start = () => task.start(new Random(1), NO_KINEMATICS, {});
  const command = () => task.observe(blockAt(0, 0))[13];
  start();
  expect(command()).toBe(1);
  task.evaluate(outcome(blockAt(0, 0)), CLOSE);
  expect(command()).toBe(-1);
  task.evaluate(outcome(blockAt(0, 0)), STILL);
  expect(command()).toBe(1);
  task.evaluate(outcome(blockAt(0, 0)), CLOSE);
  start();
  expect(command()).toBe(1);
});

test('starts with the block on the table: fixed where told, else anywhere in the area and at any angle', () => {
  const fixed = liftTask(liftOptions({ target: 'fixed' })).start(new Random(1), NO_KINEMATICS, {});
  expect(fixed.target.position).toEqual([0.35, 0.025, RESTING]);
  expect(fixed.target.orientation).toEqual(yawQuaternion(0));
  const task = liftTask(liftOptions());
  const random = new Random(1);
  const targets = Array.from({ length: 200 }, () => task.start(random, NO_KINEMATICS, {}).target);
  for (const [axis, low, high] of [
    [0, 0.1, 0.45],
    [1, -0.3, 0.3],
  ] as const) {
    const values = targets.map(target => target.position[axis]);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
    expect(Math.max(...values)).toBeLessThanOrEqual(high);
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.9 * (high - low));
  }
  expect(new Set(targets.map(target => target.position[2]))).toEqual(new Set([RESTING]));
  const yaws = targets.map(target => 2 * Math.asin(target.orientation[2]));
  expect(Math.min(...yaws)).toBeLessThan(-0.9 * (Math.PI / 2));
  expect(Math.max(...yaws)).toBeGreaterThan(0.9 * (Math.PI / 2));
});
