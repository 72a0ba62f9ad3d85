import { expect, test } from 'vitest';
import { ReplayBuffer, type TransitionBatch } from '../../src/agents/index.ts';
import { UsageError } from '../../src/common/errors.ts';
import { Random } from '../../src/common/random.ts';

const make = (capacity: number) => new ReplayBuffer({ observationSize: 2, actionSize: 1, capacity });

/** Transition number `n`: every number in it tells which one it is. */
function add(buffer: ReplayBuffer, n: number): void {
  buffer.add({
    observation: [n, n + 0.1],
    action: [n + 0.2],
    reward: n + 0.3,
    nextObservation: [n + 0.4, n + 0.5],
    discount: n,
  });
}

function batchOf(size: number): TransitionBatch {
  return {
    size,
    observations: new Float32Array(2 * size),
    actions: new Float32Array(size),
    rewards: new Float32Array(size),
    nextObservations: new Float32Array(2 * size),
    discounts: new Float32Array(size),
  };
}

const sample = (buffer: ReplayBuffer, size: number, seed = 1) => {
  const batch = batchOf(size);
  buffer.sampleInto(batch, new Random(seed));
  return batch;
};

test('a full buffer keeps the newest transitions', () => {
  const buffer = make(4);
  for (let n = 0; n < 6; n++) add(buffer, n);
  expect(buffer.size).toBe(4);
  expect(new Set(sample(buffer, 200).discounts)).toEqual(new Set([2, 3, 4, 5]));
});

test('the rows of a sample belong together', () => {
  const buffer = make(8);
  for (let n = 0; n < 8; n++) add(buffer, n);
  const batch = sample(buffer, 50);
  for (let row = 0; row < 50; row++) {
    const n = batch.discounts[row] as number;
    const expected = Float32Array.of(n, n + 0.1, n + 0.2, n + 0.3, n + 0.4, n + 0.5);
    const found = [
      ...batch.observations.subarray(2 * row, 2 * row + 2),
      batch.actions[row],
      batch.rewards[row],
      ...batch.nextObservations.subarray(2 * row, 2 * row + 2),
    ];
    expect(found).toEqual([...expected]);
  }
});

test('sampling is uniform: a chi-squared test at 0.1 %', () => {
  const buffer = make(10);
  for (let n = 0; n < 10; n++) add(buffer, n);
  const counts = new Array<number>(10).fill(0);
  for (const n of sample(buffer, 10_000).discounts) counts[n] = (counts[n] as number) + 1;
  const statistic = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  // The 99.9th percentile of chi-squared with 9 degrees of freedom.
  expect(statistic).toBeLessThan(27.88);
});

test('the same generator draws the same sample', () => {
  const buffer = make(100);
  for (let n = 0; n < 100; n++) add(buffer, n);
  expect(sample(buffer, 20, 5)).toEqual(sample(buffer, 20, 5));
  expect(sample(buffer, 20, 5)).not.toEqual(sample(buffer, 20, 6));
});

test('only the rows asked for are filled', () => {
  const buffer = make(3);
  add(buffer, 7);
  const batch = batchOf(4);
  buffer.sampleInto(batch, new Random(1), 1, 3);
  expect([...batch.discounts]).toEqual([0, 7, 7, 0]);
});

test('a restored buffer samples and overwrites as the saved one', () => {
  const [saved, restored] = [make(4), make(4)];
  for (let n = 0; n < 6; n++) add(saved, n);
  restored.setState(structuredClone(saved.getState()));
  for (const buffer of [saved, restored]) add(buffer, 9);
  expect(sample(restored, 30)).toEqual(sample(saved, 30));
});

test('a state of another capacity or another task is refused and changes nothing', () => {
  const buffer = make(4);
  add(buffer, 1);
  const before = structuredClone(buffer.getState());
  expect(() => buffer.setState(make(5).getState())).toThrow(/capacity it was saved with/);
  const other = new ReplayBuffer({ observationSize: 3, actionSize: 1, capacity: 4 });
  other.add({ observation: [1, 2, 3], action: [1], reward: 0, nextObservation: [1, 2, 3], discount: 1 });
  expect(() => buffer.setState(other.getState())).toThrow(/observations should be/);
  expect(() => buffer.setState({ ...before, size: 9 })).toThrow(UsageError);
  expect(buffer.getState()).toEqual(before);
});

test('its bytes are known before it is filled', () => {
  // Four-byte numbers: two observations of 2, an action, a reward, a discount.
  expect(make(1000).bytes).toBe(1000 * 4 * (2 + 2 + 1 + 1 + 1));
});

test('an empty buffer and an impossible capacity are errors', () => {
  expect(() => sample(make(3), 1)).toThrow(/empty/);
  expect(() => make(0)).toThrow(/capacity/);
});
