import { expect, test } from 'vitest';
import type { SimulatorState } from '../../src/bridge/simulator.ts';
import { fromEulerAngles, multiplyQuaternions, yawQuaternion } from '../../src/common/rotations.ts';
import { isGrasped, isHeldFirmly, ORIGINAL_GRASP, PADS_GRASP } from '../../src/envs/controllers/auto-grasp.ts';
import { facingDown } from '../../src/envs/controllers/tip-displacement.ts';
import {
  graspReward,
  observeJoints,
  observeRelative,
  orientationError,
  originalOrientationError,
} from '../../src/envs/tasks/grasp.ts';
import { graspOptions } from '../../src/envs/tasks/grasp-options.ts';
import { HOME_JOINTS } from '../../src/envs/tasks/target.ts';
import { stateWith } from './states.ts';

const reward = (state: SimulatorState, options: object, held = false) =>
  graspReward({ acted: state, state, held }, graspOptions(options));
const contacts = (changes: object) => ({ ...stateWith().contacts, ...changes });
/** 3 cm and 4 cm off its place above the block: 5 cm. */
const off = { gripper: { position: [0.33, 0, 0.895] as const, orientation: facingDown(0) } };

test('sparse: +10 for a grasp, −10 for a fall, nothing else', () => {
  expect(reward(stateWith(off), { reward: 'sparse' })).toBe(0);
  expect(reward(stateWith(off), { reward: 'sparse' }, true)).toBe(10);
  const fallen = stateWith({ target: { position: [0.3, 0, 0.69], orientation: [0, 0, 0, 1] } });
  expect(reward(fallen, { reward: 'sparse' })).toBe(-10);
  expect(reward(stateWith({ contacts: contacts({ leftPadTable: true }) }), { reward: 'sparse' })).toBe(0);
});

test('dense: minus the distance, and a fall replaces all of it', () => {
  expect(reward(stateWith(off), { reward: 'dense' })).toBeCloseTo(-0.05, 12);
  expect(reward(stateWith(off), { reward: 'dense' }, true)).toBeCloseTo(9.95, 12);
  const fallen = stateWith({ ...off, target: { position: [0.3, 0, 0.69], orientation: [0, 0, 0, 1] } });
  expect(reward(fallen, { reward: 'dense' })).toBe(-10);
});

test('the table costs 1 after all else: the original looks at the left pad only', () => {
  const left = stateWith({ contacts: contacts({ leftPadTable: true }) });
  const right = stateWith({ contacts: contacts({ rightPadTable: true }) });
  expect(reward(left, { reward: 'dense' })).toBeCloseTo(-1, 12);
  expect(reward(right, { reward: 'dense' })).toBeCloseTo(-1, 12);
  expect(reward(left, { reward: 'dense', preset: 'original' })).toBeCloseTo(-1, 12);
  expect(reward(right, { reward: 'dense', preset: 'original' })).toBeCloseTo(0, 12);
  const fallenOnTable = { ...left, target: { position: [0.3, 0, 0.69], orientation: [0, 0, 0, 1] } as const };
  expect(reward(fallenOnTable, { reward: 'dense' })).toBeCloseTo(-11, 12);
});

test('augmented takes 0.02 of the orientation error, also after a fall', () => {
  const turned = { tip: { position: [0.3, 0, 0.878] as const, orientation: facingDown(0.5) } };
  expect(reward(stateWith(turned), { reward: 'augmented' })).toBeCloseTo(-0.01, 12);
  const fallen = stateWith({ ...turned, target: { position: [0.3, 0, 0.69], orientation: [0, 0, 0, 1] } });
  expect(reward(fallen, { reward: 'augmented' })).toBeCloseTo(-10.01, 12);
});

test("the original's orientation error is |α − π| + |β| + |γ − ψ| in CoppeliaSim's Euler angles, jumps included", () => {
  const at = (alpha: number, beta: number, gamma: number, yaw = 0) =>
    originalOrientationError(
      stateWith({
        tip: { position: [0, 0, 1], orientation: fromEulerAngles([alpha, beta, gamma]) },
        target: { position: [0, 0, 0.8], orientation: yawQuaternion(yaw) },
      }),
    );
  expect(at(3, 0.1, 0.2)).toBeCloseTo(Math.PI - 3 + 0.1 + 0.2, 9);
  expect(at(3, 0.1, 0.2, 0.5)).toBeCloseTo(Math.PI - 3 + 0.1 + 0.3, 9);
  expect(at(-3, 0, 0)).toBeCloseTo(Math.PI + 3, 9);
});

test('the mended orientation error is the same for a hand turned by the symmetry of the block', () => {
  const facing = (yaw: number) => stateWith({ tip: { position: [0.3, 0, 0.9], orientation: facingDown(yaw) } });
  for (const yaw of [-1.2, 0.3, 1.5])
    expect(orientationError(facing(yaw))).toBeCloseTo(orientationError(facing(yaw + Math.PI)), 12);
  expect(orientationError(facing(0.3))).toBeCloseTo(0.3, 12);
});

test('observations: 17 numbers as published, 22 relative ones', () => {
  const state = stateWith({
    jointPositions: Float64Array.of(1, 2, 3, 4, 5, 6, 7),
    jointVelocities: Float64Array.of(-1, -2, -3, -4, -5, -6, -7),
  });
  expect([...observeJoints(state)]).toEqual(
    [1, 2, 3, 4, 5, 6, 7, -1, -2, -3, -4, -5, -6, -7, 0.3, 0, 0.775].map(Math.fround),
  );
  const relative = observeRelative(stateWith({ jointPositions: Float64Array.from(HOME_JOINTS) }));
  expect(relative).toHaveLength(22);
  // At home, hand over the block: no joint off, no distance, no yaw error, no tilt, open.
  expect([...relative.subarray(0, 6)]).toEqual(new Array(6).fill(0));
  expect([...relative.subarray(13)]).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 0].map(value => expect.closeTo(value, 6)));
});

test('the relative observation is the same for a world turned about the first joint', () => {
  // The arm's base stands at (−0.2999, 0.0001).
  const turned = (angle: number): SimulatorState => {
    const place = ([x, y, z]: readonly [number, number, number]) => {
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      const [dx, dy] = [x + 0.2999, y - 0.0001];
      return [cosine * dx - sine * dy - 0.2999, sine * dx + cosine * dy + 0.0001, z] as const;
    };
    const tip = multiplyQuaternions(yawQuaternion(angle), fromEulerAngles([3, 0.2, 0.4]));
    return stateWith({
      jointPositions: Float64Array.of(-0.3 + angle, -1, 0.1, 1.9, 0.2, 0.7, 1.2),
      tip: { position: place([0.3, 0, 0.9]), orientation: tip },
      padsCenter: place([0.31, 0.01, 0.8]),
      target: { position: place([0.35, 0.1, 0.775]), orientation: yawQuaternion(0.7 + angle) },
    });
  };
  expect([...observeRelative(turned(0.6))]).toEqual(
    [...observeRelative(turned(0))].map(value => expect.closeTo(value, 5)),
  );
});

test('the relative observation knows no half turn of the block, and which way a quarter turn is shorter', () => {
  const seen = (yaw: number) => {
    const target = { position: [0.3, 0, 0.775] as const, orientation: yawQuaternion(yaw) };
    return observeRelative(stateWith({ target }))[16];
  };
  expect(seen(0.4)).toBeCloseTo(0.4, 6);
  expect(seen(0.4 - Math.PI)).toBeCloseTo(0.4, 6);
  expect(seen(Math.PI / 2 + 0.1)).toBeCloseTo(0.1 - Math.PI / 2, 6);
});

test('a grasp needs both pads, a gap between them, and the block at their height', () => {
  const touching = { contacts: contacts({ leftPadTarget: true, rightPadTarget: true }), gripperOpening: 0.05 };
  expect(isGrasped(stateWith(touching))).toBe(true);
  expect(isGrasped(stateWith({ ...touching, contacts: contacts({ leftPadTarget: true }) }))).toBe(false);
  expect(isGrasped(stateWith({ ...touching, gripperOpening: 0.005 }))).toBe(false);
  expect(isGrasped(stateWith({ ...touching, padsCenter: [0.3, 0, 0.82] }))).toBe(false);
});

test('a grasp is firm only with the pads flat on two sides of the block, and deep enough', () => {
  const touching = { contacts: contacts({ leftPadTarget: true, rightPadTarget: true }), gripperOpening: 0.05 };
  const turned = (yaw: number) => ({ position: [0.3, 0, 0.775] as const, orientation: yawQuaternion(yaw) });
  const judged = (changes: object) => {
    const state = stateWith({ ...touching, ...changes });
    return [isGrasped(state), isHeldFirmly(state)];
  };
  expect(judged({ target: turned(0.2) })).toEqual([true, true]);
  expect(judged({ target: turned(0.3) })).toEqual([true, false]);
  expect(judged({ target: turned(Math.PI / 2 + 0.2) })).toEqual([true, true]);
  expect(judged({ padsCenter: [0.3, 0, 0.803] })).toEqual([true, true]);
  expect(judged({ padsCenter: [0.3, 0, 0.807] })).toEqual([true, false]);
});

test('when the gripper closes by itself: the original within √0.1 m and seen, the default within 5.5 cm', () => {
  const near = stateWith({ padsCenter: [0.3, 0, 0.825], targetDetected: true });
  const far = stateWith({ padsCenter: [0.3, 0, 0.835], targetDetected: true });
  expect([PADS_GRASP.tries(near), PADS_GRASP.tries(far)]).toEqual([true, false]);
  const distant = {
    gripper: { position: [0.3, 0.3, 0.855] as const, orientation: facingDown(0) },
    targetDetected: true,
  };
  expect(ORIGINAL_GRASP.tries(stateWith(distant))).toBe(true);
  expect(ORIGINAL_GRASP.tries(stateWith({ ...distant, targetDetected: false }))).toBe(false);
  const further = {
    gripper: { position: [0.3, 0.32, 0.855] as const, orientation: facingDown(0) },
    targetDetected: true,
  };
  expect(ORIGINAL_GRASP.tries(stateWith(further))).toBe(false);
});

test('presets: the original is fixed, in 17 numbers, without jitter, from its own posture', () => {
  expect(graspOptions({ preset: 'original' })).toMatchObject({
    reward: 'augmented',
    target: 'fixed',
    yaw: 'fixed',
    observation: 'joint',
    start: 'original',
    startJitter: 0,
    maxEpisodeSteps: 30,
  });
  expect(graspOptions()).toMatchObject({
    target: 'random',
    yaw: 'random',
    observation: 'relative',
    start: 'home',
    reward: 'shaped',
  });
  expect(graspOptions({ observation: 'joint' })).toMatchObject({ target: 'random', yaw: 'fixed' });
});
