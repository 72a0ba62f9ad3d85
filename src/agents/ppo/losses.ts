import * as tf from '@tensorflow/tfjs-core';
import type { LossResult } from '../../engine/index.ts';
import type { LossContext } from '../engine-policy-spec.ts';
import type { PpoOptions } from './options.ts';

// Equations of Schulman et al. 2017, Proximal Policy Optimization Algorithms, https://arxiv.org/abs/1707.06347

/**
 * The clipped surrogate objective, equation 7, as a loss, each `[rows, 1]`:
 *
 *   −min(r A, clip(r, 1 − ε, 1 + ε) A),  r = π(a|s) / π_old(a|s)
 */
export function clippedSurrogate(logRatio: tf.Tensor, advantages: tf.Tensor, clip: number): tf.Tensor {
  const ratio = tf.exp(logRatio);
  const clipped = tf.clipByValue(ratio, 1 - clip, 1 + clip);
  return tf.neg(tf.minimum(tf.mul(ratio, advantages), tf.mul(clipped, advantages)));
}

/**
 * Half the squared error of the values, each `[rows, 1]`; with a limit, the larger of that and of the error of values
 * kept within ± the limit of what they were.
 *
 * Source: Huang et al. 2022, The 37 Implementation Details of Proximal Policy Optimization, detail 9.
 */
export function valueErrors(values: tf.Tensor, oldValues: tf.Tensor, returns: tf.Tensor, limit: number): tf.Tensor {
  const error = tf.squaredDifference(values, returns);
  if (limit === 0) return tf.mul(error, 0.5);
  const kept = tf.add(oldValues, tf.clipByValue(tf.sub(values, oldValues), -limit, limit));
  return tf.mul(tf.maximum(error, tf.squaredDifference(kept, returns)), 0.5);
}

/**
 * Largest log π(a|s) − log π_old(a|s): e²⁰ is far beyond what is clipped, and its products do not overflow float32. A
 * rollout that a worker made up must not end a training.
 */
const MAX_LOG_RATIO = 20;

/** Equation 9: the surrogate, the values' error and an entropy bonus, all at once. */
export function ppoLoss(context: LossContext<PpoOptions>): LossResult {
  const { options, batch, mean } = context;
  const { actionLogProbabilities, advantages, valuePredictions, returns } = batch as Record<
    'actionLogProbabilities' | 'advantages' | 'valuePredictions' | 'returns',
    tf.Tensor
  >; // A column that is missing is refused by name when it is read.
  const logRatio = tf.minimum(tf.sub(context.logProbabilities, actionLogProbabilities), MAX_LOG_RATIO);
  const policyLoss = mean(clippedSurrogate(logRatio, advantages, options.clip));
  const valueLoss = mean(valueErrors(context.values, valuePredictions, returns, options.valueClip));
  const entropy = mean(context.entropies);
  const loss = tf.sub(
    tf.add(policyLoss, tf.mul(valueLoss, options.valueCoefficient)),
    tf.mul(entropy, options.entropyCoefficient),
  ) as tf.Scalar; // Of scalars.
  // r − 1 − log r: without bias, and never negative (Schulman 2020, http://joschu.net/blog/kl-approx.html).
  const divergence = mean(tf.sub(tf.sub(tf.exp(logRatio), 1), logRatio));
  const outside = tf.greater(tf.abs(tf.sub(tf.exp(logRatio), 1)), options.clip);
  return {
    loss,
    metrics: { policyLoss, valueLoss, entropy, divergence, clipFraction: mean(tf.cast(outside, 'float32')) },
  };
}
