import { multiplyQuaternions, type Quaternion, rotate, type Vector3 } from '../../../common/rotations.ts';
import type { Pose } from '../../simulator.ts';

export const origin: Pose = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };

/** The pose `inner`, given in the frame `outer`, in the frame that `outer` is given in. */
export function composePoses(outer: Pose, inner: Pose): Pose {
  return {
    position: add(outer.position, rotate(outer.orientation, inner.position)),
    orientation: normalized(multiplyQuaternions(outer.orientation, inner.orientation)),
  };
}

/** The frame that `pose` is given in, in the frame `pose`. */
export function invertPose({ position, orientation: [x, y, z, w] }: Pose): Pose {
  const inverse: Quaternion = [-x, -y, -z, w];
  return { position: scale(rotate(inverse, position), -1), orientation: inverse };
}

/** The rotation by `angle` (rad) about a unit axis. */
export function axisRotation([x, y, z]: Vector3, angle: number): Quaternion {
  const s = Math.sin(angle / 2);
  return [x * s, y * s, z * s, Math.cos(angle / 2)];
}

/** The shortest rotation that takes the z axis to a unit vector. */
export function rotationFromZ([x, y, z]: Vector3): Quaternion {
  // Straight back there is no shortest one: about x is as good as any.
  if (z < -1 + 1e-12) return [1, 0, 0, 0];
  return normalized([-y, x, 0, 1 + z]);
}

/** Angle between two orientations, rad. */
export function angleBetween(a: Quaternion, b: Quaternion): number {
  const cosine = Math.abs(a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]);
  return 2 * Math.acos(Math.min(1, cosine));
}

export function distanceBetween(a: Vector3, b: Vector3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

export function add(a: Vector3, b: Vector3): Vector3 {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

export function subtract(a: Vector3, b: Vector3): Vector3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

export function scale(a: Vector3, factor: number): Vector3 {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

function normalized([x, y, z, w]: Quaternion): Quaternion {
  const length = Math.hypot(x, y, z, w);
  return [x / length, y / length, z / length, w / length];
}
