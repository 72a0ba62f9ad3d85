import { type Quaternion, vectorAt } from '../../common/rotations.ts';
import type { Pose } from '../simulator.ts';

/**
 * A copy of an array of a model's, in our own memory.
 *
 * The module's getters are typed `any`; they return views into WebAssembly memory, which any later call into the module
 * may grow and so detach. Doubles for what MuJoCo computes with, 32-bit floats for colours.
 */
export function numbers(view: Float64Array | Float32Array): Float64Array {
  return Float64Array.from(view);
}

/** A copy of an array of indices, as {@link numbers}. */
export function indices(view: Int32Array): Int32Array {
  return view.slice();
}

/** The quaternion at an index of an array of MuJoCo's, whose order is w x y z. */
export function quaternionOf(quaternions: Float64Array, index: number): Quaternion {
  const [x, y, z] = vectorAt(quaternions, 4 * index + 1);
  return [x, y, z, quaternions[4 * index] as number];
}

/** The pose at an index of two such arrays. */
export function poseOf(positions: Float64Array, quaternions: Float64Array, index: number): Pose {
  return { position: vectorAt(positions, 3 * index), orientation: quaternionOf(quaternions, index) };
}
