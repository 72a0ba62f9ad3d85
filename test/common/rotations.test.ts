import { expect, test } from 'vitest';
import { Random } from '../../src/common/random.ts';
import {
  eulerAngles,
  fromEulerAngles,
  multiplyQuaternions,
  type Quaternion,
  rotate,
  rotatedAxis,
  type Vector3,
  wrapAngle,
  yawQuaternion,
} from '../../src/common/rotations.ts';

const close = (a: readonly number[], b: readonly number[], digits = 12) =>
  a.forEach((value, i) => {
    expect(value).toBeCloseTo(b[i] as number, digits);
  });

test('Euler angles are intrinsic X-Y-Z: the matrix of CoppeliaSim’s manual', () => {
  const [a, b, g] = [0.3, -0.8, 2.1];
  const q = fromEulerAngles([a, b, g]);
  const { cos, sin } = Math;
  // R = Rx(a) Ry(b) Rz(g), multiplied out.
  close(rotatedAxis(q, 0), [
    cos(b) * cos(g),
    cos(a) * sin(g) + sin(a) * sin(b) * cos(g),
    sin(a) * sin(g) - cos(a) * sin(b) * cos(g),
  ]);
  close(rotatedAxis(q, 2), [sin(b), -sin(a) * cos(b), cos(a) * cos(b)]);
});

test('Euler angles and back: 1,000 random rotations, and the poles', () => {
  const random = new Random(1);
  for (let i = 0; i < 1000; i++) {
    const angles: Vector3 = [random.uniform(-3.1, 3.1), random.uniform(-1.5, 1.5), random.uniform(-3.1, 3.1)];
    close(eulerAngles(fromEulerAngles(angles)), angles, 9);
  }
  for (const beta of [Math.PI / 2, -Math.PI / 2]) {
    const pole = fromEulerAngles([0.4, beta, 0.3]);
    const again = fromEulerAngles(eulerAngles(pole));
    const sign = Math.sign(pole.reduce((sum, x, i) => sum + x * (again[i] as number), 0));
    close(
      again.map(x => sign * x),
      pole,
      7,
    );
  }
});

test('the product applies its right factor first', () => {
  const quarter = yawQuaternion(Math.PI / 2);
  const flip: Quaternion = [1, 0, 0, 0];
  close(rotate(multiplyQuaternions(quarter, flip), [1, 0, 0]), [0, 1, 0]);
  close(rotate(multiplyQuaternions(flip, quarter), [1, 0, 0]), [0, -1, 0]);
});

test('angles wrap into half a period either side', () => {
  expect(wrapAngle(3.5)).toBeCloseTo(3.5 - 2 * Math.PI, 12);
  expect(wrapAngle(-Math.PI)).toBeCloseTo(Math.PI, 12);
  expect(wrapAngle(2, Math.PI)).toBeCloseTo(2 - Math.PI, 12);
  expect(wrapAngle(0.3, Math.PI / 2)).toBeCloseTo(0.3, 12);
});
