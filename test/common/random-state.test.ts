import { expect, test } from 'vitest';
import { UsageError } from '../../src/common/errors.ts';
import { Random } from '../../src/common/random.ts';
import { randomFromState, randomToState } from '../../src/common/random-state.ts';

test('a generator goes on where its saved state was taken, also after the state went through JSON', () => {
  const random = new Random(7);
  random.normal();
  const saved = JSON.parse(JSON.stringify(randomToState(random)));
  const next = [random.normal(), random.uint32(), random.uniform()];
  const other = new Random(1);
  randomFromState(other, saved);
  expect([other.normal(), other.uint32(), other.uniform()]).toEqual(next);
});

test.each([
  undefined,
  {},
  { words: [1, 2, 3], spareNormal: null },
  { words: [1, 2, 3, 0.5], spareNormal: null },
  { words: [1, 2, 3, 4], spareNormal: 'x' },
])('%j is refused, and the generator is left as it was', state => {
  const [random, same] = [new Random(7), new Random(7)];
  expect(() => randomFromState(random, state)).toThrow(UsageError);
  expect(random.uint32()).toBe(same.uint32());
});
