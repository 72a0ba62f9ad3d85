import * as tf from '@tensorflow/tfjs-core';

/**
 * Sums a gradient over the axes along which an operand was broadcast, so that it has the operand's shape again.
 *
 * @param gradient of the result's shape
 * @param shape the operand's own shape
 */
export function sumToShape(gradient: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const lead = gradient.rank - shape.length;
  const axes = gradient.shape.flatMap((size, axis) =>
    axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : [],
  );
  // Never the very tensor that came in: TF.js disposes each input's gradient by itself once it has added them up.
  const summed = axes.length > 0 ? tf.sum(gradient, axes, true) : tf.clone(gradient);
  return lead > 0 ? tf.reshape(summed, shape as number[]) : summed;
}

/** Repeats a reduced gradient along the axes that a reduction removed, so that it has the operand's rank again. */
export function keepReducedAxes(gradient: tf.Tensor, shape: readonly number[], axes: readonly number[]): tf.Tensor {
  return tf.reshape(
    gradient,
    shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  );
}

/** TF.js's `axis` attribute (a number, a list, or nothing for all) as a list of axes from the front. */
export function normalizeAxes(axis: unknown, rank: number): number[] {
  if (axis === undefined || axis === null) return Array.from({ length: rank }, (_, i) => i);
  const axes = Array.isArray(axis) ? (axis as number[]) : [axis as number];
  return axes.map(a => (a < 0 ? a + rank : a));
}
