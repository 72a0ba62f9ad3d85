import type { Vector3 } from '../../src/common/rotations.ts';

export interface Camera {
  /** Where it stands and what it looks at, m. */
  readonly from: Vector3;
  readonly to: Vector3;
  /** Angle of view from top to bottom, rad. */
  readonly fieldOfView: number;
}

function unit([x, y, z]: Vector3): Vector3 {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** Writes the ray through a point of the picture to `out`: `x` and `y` run from 0 to 1, y downwards. */
export type CastRay = (x: number, y: number, out: Float64Array) => void;

export function pinhole({ from, to, fieldOfView }: Camera, aspect: number): CastRay {
  const forward = unit([to[0] - from[0], to[1] - from[1], to[2] - from[2]]);
  const right = unit(cross(forward, [0, 0, 1]));
  const up = cross(right, forward);
  const half = Math.tan(fieldOfView / 2);
  return (x, y, out) => {
    const u = (2 * x - 1) * half * aspect;
    const v = (1 - 2 * y) * half;
    const direction = unit([
      forward[0] + u * right[0] + v * up[0],
      forward[1] + u * right[1] + v * up[1],
      forward[2] + u * right[2] + v * up[2],
    ]);
    out.set(from);
    out.set(direction, 3);
  };
}
