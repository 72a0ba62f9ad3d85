import * as tf from '@tensorflow/tfjs-core';

const EPSILON = 1e-5;

/**
 * Layer normalization over the last axis, without learned scale and shift:
 *
 *   y = (x − mean(x)) / √(variance(x) + ε)
 *
 * Its gradient is given by hand, dx = (dy − mean(dy) − y mean(dy y)) / √(variance(x) + ε): a third of the operations
 * that differentiating the formula would take.
 *
 * Source: Ba, Kiros and Hinton 2016, https://arxiv.org/abs/1607.06450, equation 3.
 */
export function layerNorm(x: tf.Tensor): tf.Tensor {
  const normalize = tf.customGrad((input, save) => {
    // tf.customGrad's own type for its arguments does not say which are tensors and which the save function.
    const [tensor, keep] = [input as tf.Tensor, save as tf.GradSaveFunc];
    const centered = tf.sub(tensor, tf.mean(tensor, -1, true));
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centered), -1, true), EPSILON));
    const value = tf.mul(centered, inverse);
    keep([value, inverse]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [y, scale] = saved as [tf.Tensor, tf.Tensor]; // As kept above.
        const projected = tf.mul(y, tf.mean(tf.mul(dy, y), -1, true));
        return tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, -1, true)), projected), scale);
      },
    };
  });
  return normalize(x);
}
