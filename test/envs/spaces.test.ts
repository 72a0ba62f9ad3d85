import { expect, test } from 'vitest';
import { Random } from '../../src/common/random.ts';
import { box, contains, discrete, sample } from '../../src/envs/spaces.ts';

test('samples are elements of their space', () => {
  const random = new Random(1);
  for (const space of [box(-1, 2, [3]), box([-Infinity, 0, -Infinity], [Infinity, Infinity, 0]), discrete(3)])
    for (let i = 0; i < 1000; i++) expect(contains(space, sample(space, random))).toBe(true);
});

test('contains refuses what is outside, of another type or length', () => {
  const space = box([-1, 0], [1, 0.5]);
  expect(contains(space, Float32Array.of(1, 0.5))).toBe(true);
  expect(contains(space, Float32Array.of(1, 0.6))).toBe(false);
  expect(contains(space, Float32Array.of(Number.NaN, 0))).toBe(false);
  expect(contains(space, Float32Array.of(0))).toBe(false);
  expect(contains(space, [0, 0])).toBe(false);
  expect([0, 2, 3, -1, 0.5].map(n => contains(discrete(3), n))).toEqual([true, true, false, false, false]);
});

test('bounds that cannot be are refused', () => {
  expect(() => box([0, 1], [1, 0])).toThrow(/number 1 has 1 and 0/);
  expect(() => box([0], [1], [2])).toThrow(/needs 2 bounds/);
  expect(() => box(Number.NaN, 1)).toThrow(/low <= high/);
  expect(() => discrete(0)).toThrow(/positive integer/);
});
