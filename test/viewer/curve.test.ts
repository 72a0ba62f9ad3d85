import { expect, test } from 'vitest';
import { Curve } from '../../src/viewer/page/training/curve.ts';

function curveOf(values: readonly (number | null)[]): Curve {
  const curve = new Curve();
  curve.append(
    values.map((_, i) => 10 * i),
    values,
  );
  return curve;
}

test('what is seen of a long curve keeps every peak, within two points a column', () => {
  const values = Array.from({ length: 100_000 }, (_, i) => Math.sin(i / 1000));
  values[31_415] = 9;
  values[27_182] = -9;
  const { x, y } = curveOf(values).visible(0, 1_000_000, 500);
  expect(x.length).toBeLessThanOrEqual(1001);
  expect(Math.max(...y)).toBe(9);
  expect(Math.min(...y)).toBe(-9);
  expect(x[y.indexOf(9)]).toBe(314_150);
  expect([...x].sort((a, b) => a - b)).toEqual(x);
});

test('a short part is seen as it is, with a neighbour on either side', () => {
  const { x } = curveOf(Array.from({ length: 1000 }, (_, i) => i)).visible(2000, 2050, 500);
  expect(x).toEqual([1990, 2000, 2010, 2020, 2030, 2040, 2050, 2060]);
});

test('values that are missing or not finite are left out', () => {
  const curve = curveOf([1, null, Number.NaN, Number.POSITIVE_INFINITY, 2]);
  expect(curve.visible(0, 40, 10)).toEqual({ x: [0, 40], y: [1, 2] });
});

test('a smoothed constant stays what it is from its first point, and noise gets less', () => {
  const constant = curveOf(Array.from({ length: 50 }, () => 3)).smoothed(10);
  for (const value of constant.visible(0, 500, 100).y) expect(value).toBeCloseTo(3, 10);
  const noise = curveOf(Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? 1 : -1))).smoothed(20);
  expect(Math.abs(noise.visible(4900, 5000, 100).y.at(-1) as number)).toBeLessThan(0.05);
});

test('between two points a curve has the value of the line that joins them, and beyond its ends none', () => {
  const curve = curveOf([1, 2, 4]);
  expect([-1, 0, 5, 10, 15, 20, 21].map(step => curve.at(step))).toEqual([null, 1, 1.5, 2, 3, 4, null]);
  expect(curveOf([7]).at(0)).toBe(7);
});
