import { expect, test } from 'vitest';
import { fillStandardNormal } from '../../src/agents/noise.ts';
import { Random } from '../../src/common/random.ts';

/** The standard normal distribution function by its error function's series; exact to 1e-7 here (Abramowitz and Stegun 7.1.26). */
function normalCdf(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - polynomial * Math.exp((-x * x) / 2);
  return x < 0 ? (1 - erf) / 2 : (1 + erf) / 2;
}

test('a million draws follow the normal distribution to the Kolmogorov-Smirnov bound at 0.1 %', () => {
  const draws = new Float32Array(1_000_000);
  fillStandardNormal(new Random(5), draws);
  draws.sort();
  let largest = 0;
  for (let i = 0; i < draws.length; i++)
    largest = Math.max(largest, Math.abs(normalCdf(draws[i] as number) - (i + 0.5) / draws.length));
  expect(largest).toBeLessThan(1.95 / Math.sqrt(draws.length));
});

test('the tail beyond 3.44 has its share: 5.8 in 10,000', () => {
  const draws = new Float32Array(1_000_000);
  fillStandardNormal(new Random(6), draws);
  const share = draws.filter(x => Math.abs(x) > 3.442619855899).length / draws.length;
  // 2 (1 − Φ(3.4426)) = 5.76e-4; the bound is four standard errors of a million draws.
  expect(Math.abs(share - 5.76e-4)).toBeLessThan(4 * Math.sqrt(5.76e-4 / 1e6));
});

test('neighbouring draws are not correlated', () => {
  const draws = new Float32Array(1_000_000);
  fillStandardNormal(new Random(7), draws);
  for (const lag of [1, 2, 3, 4]) {
    let sum = 0;
    for (let i = lag; i < draws.length; i++) sum += (draws[i] as number) * (draws[i - lag] as number);
    expect(Math.abs(sum / draws.length), `lag ${lag}`).toBeLessThan(4e-3);
  }
});

test('the same seed gives the same draws', () => {
  const fill = () => {
    const draws = new Float32Array(1000);
    fillStandardNormal(new Random(8), draws);
    return draws;
  };
  expect(fill()).toEqual(fill());
});
