import * as tf from '@tensorflow/tfjs-core';
import type { ActionDistribution } from './distribution.ts';

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** Means and logarithms of standard deviations, each `[batch, action]`. */
function parts(inputs: tf.Tensor): [mean: tf.Tensor, logStandardDeviation: tf.Tensor] {
  return tf.split(inputs, 2, 1) as [tf.Tensor, tf.Tensor];
}

/**
 * Independent normal distributions; inputs are the means, then the logarithms of the standard deviations.
 *
 *   log π(a|s) = Σ [−(a − μ)² / 2σ² − log σ − log(2π)/2],  H = Σ [log σ + (1 + log 2π)/2]
 */
export function gaussian(actionSize: number): ActionDistribution {
  return {
    inputSize: 2 * actionSize,
    actionSize,
    logProbabilities(inputs, actions) {
      const [mean, logStandardDeviation] = parts(inputs);
      const deviations = tf.mul(tf.sub(actions, mean), tf.exp(tf.neg(logStandardDeviation)));
      const each = tf.sub(tf.mul(tf.square(deviations), -0.5), tf.add(logStandardDeviation, HALF_LOG_TWO_PI));
      return tf.sum(each, 1, true);
    },
    entropies(inputs) {
      const [, logStandardDeviation] = parts(inputs);
      return tf.sum(tf.add(logStandardDeviation, 0.5 + HALF_LOG_TWO_PI), 1, true);
    },
    divergences(oldInputs, inputs) {
      const [oldMean, oldLog] = parts(oldInputs);
      const [mean, log] = parts(inputs);
      const precision = tf.exp(tf.mul(log, -2));
      const spread = tf.add(tf.exp(tf.mul(oldLog, 2)), tf.square(tf.sub(oldMean, mean)));
      const each = tf.add(tf.sub(log, oldLog), tf.mul(tf.sub(tf.mul(spread, precision), 1), 0.5));
      return tf.sum(each, 1, true);
    },
    modes: inputs => parts(inputs)[0],
    logLikelihoods: (inputs, actions, count) =>
      Float32Array.from({ length: count }, (_, row) => {
        let total = 0;
        for (let i = 0; i < actionSize; i++) {
          const mean = inputs[row * 2 * actionSize + i] as number;
          const log = inputs[row * 2 * actionSize + actionSize + i] as number;
          const deviation = ((actions[row * actionSize + i] as number) - mean) / Math.exp(log);
          total -= 0.5 * deviation * deviation + log + HALF_LOG_TWO_PI;
        }
        return total;
      }),
    draw(inputs, count, random, actions, logProbabilities) {
      for (let row = 0; row < count; row++) {
        let total = 0;
        for (let i = 0; i < actionSize; i++) {
          const mean = inputs[row * 2 * actionSize + i] as number;
          const log = inputs[row * 2 * actionSize + actionSize + i] as number;
          const noise = random === null ? 0 : random.normal();
          actions[row * actionSize + i] = mean + Math.exp(log) * noise;
          total -= 0.5 * noise * noise + log + HALF_LOG_TWO_PI;
        }
        logProbabilities[row] = total;
      }
    },
  };
}
