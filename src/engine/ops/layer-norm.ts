import * as tf from '@tensorflow/tfjs-core';

/** Added to the variance, as in PyTorch's LayerNorm. */
export const LAYER_NORM_EPSILON = 1e-5;

/**
 * The name under which a backend may offer layer normalization as one kernel: from `x` to `y` and 1 / √(variance + ε).
 * Others compose it of TF.js's operations.
 */
export const LAYER_NORM_KERNEL = 'GraspbridgeLayerNorm';

/** y and 1 / √(variance(x) + ε), the latter with a last axis of size 1. */
function normalize(x: tf.Tensor): [normalized: tf.Tensor, inverse: tf.Tensor] {
  // getKernel is typed as if it always found one.
  if ((tf.getKernel(LAYER_NORM_KERNEL, tf.getBackend()) as unknown) != null)
    return tf.engine().runKernel<[tf.Tensor, tf.Tensor]>(LAYER_NORM_KERNEL, { x });
  const centered = tf.sub(x, tf.mean(x, -1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centered), -1, true), LAYER_NORM_EPSILON));
  return [tf.mul(centered, inverse), inverse];
}

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
  const compute = tf.customGrad((input, save) => {
    // tf.customGrad's own type for its arguments does not say which are tensors and which the save function.
    const [value, inverse] = normalize(input as tf.Tensor);
    (save as tf.GradSaveFunc)([value, inverse]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [y, scale] = saved as [tf.Tensor, tf.Tensor]; // As saved above.
        const projection = tf.mul(y, tf.mean(tf.mul(dy, y), -1, true));
        return tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, -1, true)), projection), scale);
      },
    };
  });
  return compute(x);
}
