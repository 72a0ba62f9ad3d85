import * as tf from '@tensorflow/tfjs-core';
import type { AdamStep } from '../optimizer/kernels.ts';

/** One step of Adam (Kingma and Ba 2015, algorithm 1) in TF.js operations, variable by variable. */
export function adam(
  parameters: readonly tf.Variable[],
  gradients: readonly tf.Tensor[],
  first: readonly tf.Variable[],
  second: readonly tf.Variable[],
  { step, beta1, beta2, scale, epsilon }: AdamStep,
): void {
  parameters.forEach((parameter, i) => {
    // The four lists are of one group: equally long.
    const [gradient, m, v] = [gradients[i], first[i], second[i]] as [tf.Tensor, tf.Variable, tf.Variable];
    m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
    v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
    const denominator = tf.add(tf.mul(tf.sqrt(v), scale), epsilon);
    parameter.assign(tf.sub(parameter, tf.div(tf.mul(m, step), denominator)));
  });
}

/** target ← target + rate (source − target) */
export function polyak(targets: readonly tf.Variable[], sources: readonly tf.Variable[], rate: number): void {
  targets.forEach((target, i) => {
    const source = sources[i] as tf.Variable; // Both groups have the same shapes.
    target.assign(tf.add(target, tf.mul(tf.sub(source, target), rate)));
  });
}
