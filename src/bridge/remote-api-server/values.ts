import { CborFloat } from '../coppeliasim/remote-api/codec.ts';
import type { Pose, Quaternion, Vector3 } from '../simulator.ts';

/** A number that stays a float on the wire though it is whole, as positions and angles do in CoppeliaSim. */
export function real(value: number): CborFloat {
  return new CborFloat(value);
}

/** A list of such numbers. */
export function reals(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values);
}

/** A pose as CoppeliaSim lists it: x y z, qx qy qz qw. */
export function poseList({ position, orientation }: Pose): Float64Array {
  return Float64Array.of(...position, ...orientation);
}

/** The pose of seven numbers, the quaternion made one of unit length. */
export function poseOf(numbers: ArrayLike<number>, at = 0): Pose {
  const [x, y, z, qx, qy, qz, qw] = Array.from({ length: 7 }, (_, i) => numbers[at + i] as number) as [
    ...Vector3,
    ...Quaternion,
  ];
  const length = Math.hypot(qx, qy, qz, qw) || 1;
  return { position: [x, y, z], orientation: [qx / length, qy / length, qz / length, qw / length] };
}
