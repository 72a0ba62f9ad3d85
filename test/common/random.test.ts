import { expect, test } from 'vitest';
import { Random } from '../../src/common/random.ts';

test('one seed gives one stream, another seed another', () => {
  const stream = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 8 }, () => random.uint32());
  };
  expect(stream(7)).toEqual(stream(7));
  expect(new Set([...stream(7), ...stream(8), ...stream(7 + 2 ** 32)]).size).toBe(24);
});

test('a saved state goes on with the very next number, also between the two halves of a normal pair', () => {
  const random = new Random(3);
  random.normal();
  const copy = new Random(0);
  copy.setState(JSON.parse(JSON.stringify(random.getState())));
  const next = (r: Random) => [r.normal(), r.uniform(), r.integer(10), r.normal(), r.normal()];
  expect(next(copy)).toEqual(next(random));
});

test('moments of 200,000 draws: uniform 1/2 and 1/12, normal 0, 1, 0 and 3', () => {
  const random = new Random(11);
  const n = 200_000;
  const moments = (draw: () => number) => {
    let [first, second, third, fourth] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const x = draw();
      first += x / n;
      second += x ** 2 / n;
      third += x ** 3 / n;
      fourth += x ** 4 / n;
    }
    return { first, second, third, fourth };
  };
  const uniform = moments(() => random.uniform());
  expect(uniform.first).toBeCloseTo(0.5, 2);
  expect(uniform.second - uniform.first ** 2).toBeCloseTo(1 / 12, 3);
  // Five standard errors: 5/√n, 5√2/√n, 5√15/√n, 5√96/√n.
  const normal = moments(() => random.normal());
  expect(Math.abs(normal.first)).toBeLessThan(5 / Math.sqrt(n));
  expect(Math.abs(normal.second - 1)).toBeLessThan((5 * Math.SQRT2) / Math.sqrt(n));
  expect(Math.abs(normal.third)).toBeLessThan((5 * Math.sqrt(15)) / Math.sqrt(n));
  expect(Math.abs(normal.fourth - 3)).toBeLessThan((5 * Math.sqrt(96)) / Math.sqrt(n));
});

test('integers are uniform over their range: chi squared of 100,000 draws over 10 bins', () => {
  const random = new Random(5);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) {
    const bin = random.integer(10);
    counts[bin] = (counts[bin] as number) + 1;
  }
  const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
  // 99.99th percentile of the distribution with 9 degrees of freedom.
  expect(chiSquared).toBeLessThan(33.7);
});
