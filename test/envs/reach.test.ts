import { expect, test } from 'vitest';
import type { Kinematics } from '../../src/bridge/index.ts';
import { Random } from '../../src/common/random.ts';
import { facingDown } from '../../src/envs/controllers/tip-displacement.ts';
import { reachOptions, reachTask } from '../../src/envs/tasks/reach.ts';
import { stateWith } from './states.ts';

/** Joints are drawn around a fixed posture: no kinematics is asked. */
const NO_KINEMATICS = {} as Kinematics;
const GOAL = [0.2, -0.1, 1.1];

const tipAt = (x: number, y: number, z: number) =>
  stateWith({ tip: { position: [x, y, z], orientation: facingDown(0) } });

function task(options = {}) {
  const made = reachTask(reachOptions(options));
  const start = made.start(new Random(1), NO_KINEMATICS, { targetPosition: GOAL });
  const evaluate = (x: number, y: number, z: number) => {
    const state = tipAt(x, y, z);
    return made.evaluate({ acted: state, state, held: false }, new Float32Array(3));
  };
  return { made, start, evaluate };
}

test('observes the tip from the middle of the goals and the way to the goal', () => {
  const { made } = task();
  expect([...made.observe(tipAt(0.275, 0, 1.05))]).toEqual([0, 0, 0, -0.6, -0.8, 0.4].map(x => expect.closeTo(x, 6)));
  expect([...made.observe(tipAt(0.375, 0.2, 1))]).toEqual(
    [0.4, 0.8, -0.2, -1.4, -2.4, 0.8].map(x => expect.closeTo(x, 6)),
  );
});

test('succeeds nearer than the tolerance, and pays minus the distance or minus one a step', () => {
  const dense = task();
  expect(dense.start.marks).toEqual([{ position: GOAL, radius: 0.02 }]);
  expect(dense.evaluate(0.2, -0.1, 1.119)).toMatchObject({ reward: 0, terminated: true, info: { success: true } });
  expect(dense.evaluate(0.2, -0.1, 1.121)).toMatchObject({ terminated: false, info: { success: false } });
  const { reward, info } = dense.evaluate(0.23, -0.06, 1.1);
  expect(reward).toBeCloseTo(-0.5, 9);
  expect(info.distance).toBeCloseTo(0.05, 9);
  const sparse = task({ reward: 'sparse', tolerance: 0.1 });
  expect(sparse.evaluate(0.2, -0.1, 1.19)).toMatchObject({ reward: 0, terminated: true });
  expect(sparse.evaluate(0.2, -0.1, 1.21)).toMatchObject({ reward: -1, terminated: false });
});

test('draws goals above the area where targets are put', () => {
  const made = reachTask(reachOptions());
  const random = new Random(1);
  const goals = Array.from({ length: 200 }, () => {
    const { marks, target } = made.start(random, NO_KINEMATICS, {});
    // The block is out of the way.
    expect(target.position[0]).toBeLessThan(-0.5);
    return marks?.[0]?.position as readonly [number, number, number];
  });
  for (const [axis, low, high] of [
    [0, 0.1, 0.45],
    [1, -0.3, 0.3],
    [2, 0.95, 1.15],
  ] as const) {
    const values = goals.map(goal => goal[axis]);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
    expect(Math.max(...values)).toBeLessThanOrEqual(high);
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.9 * (high - low));
  }
});
