import * as tf from '@tensorflow/tfjs-core';
import type { ActionDistribution } from './distribution.ts';

/** 1 in the column of each row's action, 0 elsewhere. */
function oneHot(actions: tf.Tensor, n: number): tf.Tensor {
  const columns = tf.tensor2d(
    Array.from({ length: n }, (_, i) => i),
    [1, n],
  );
  return tf.cast(tf.equal(actions, columns), 'float32');
}

/** One of n actions, a column with its index; inputs are logits: unnormalized logarithms of the probabilities. */
export function categorical(n: number): ActionDistribution {
  return {
    inputSize: n,
    actionSize: 1,
    logProbabilities: (inputs, actions) => tf.sum(tf.mul(tf.logSoftmax(inputs), oneHot(actions, n)), 1, true),
    entropies(inputs) {
      const logarithms = tf.logSoftmax(inputs);
      return tf.neg(tf.sum(tf.mul(tf.exp(logarithms), logarithms), 1, true));
    },
    divergences(oldInputs, inputs) {
      const [oldLogarithms, logarithms] = [tf.logSoftmax(oldInputs), tf.logSoftmax(inputs)];
      return tf.sum(tf.mul(tf.exp(oldLogarithms), tf.sub(oldLogarithms, logarithms)), 1, true);
    },
    logLikelihoods: (inputs, actions, count) =>
      Float32Array.from({ length: count }, (_, row) => {
        const logits = inputs.subarray(row * n, (row + 1) * n);
        const largest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
        const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
        return (logits[actions[row] as number] ?? -Infinity) - largest - Math.log(total);
      }),
    modes: inputs => tf.cast(tf.expandDims(tf.argMax(inputs, 1), 1), 'float32'),
    draw(inputs, count, random, actions, logProbabilities) {
      for (let row = 0; row < count; row++) {
        const logits = inputs.subarray(row * n, (row + 1) * n);
        let largest = 0;
        for (let i = 1; i < n; i++) if ((logits[i] as number) > (logits[largest] as number)) largest = i;
        const shift = logits[largest] as number;
        let total = 0;
        for (let i = 0; i < n; i++) total += Math.exp((logits[i] as number) - shift);
        let chosen = largest;
        if (random !== null) {
          let left = random.uniform() * total;
          chosen = 0;
          // The last action takes what rounding leaves over.
          while (chosen < n - 1) {
            left -= Math.exp((logits[chosen] as number) - shift);
            if (left < 0) break;
            chosen++;
          }
        }
        actions[row] = chosen;
        logProbabilities[row] = (logits[chosen] as number) - shift - Math.log(total);
      }
    },
  };
}
