import type * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../common/random.ts';

/**
 * A family of distributions over actions, whose parameters ("inputs") a network computes: `[batch, inputSize]`.
 *
 * In TF.js operations for losses, and on plain arrays for acting, where a few dozen numbers are not worth a graph.
 */
export interface ActionDistribution {
  /** Columns of the inputs. */
  readonly inputSize: number;
  /** Columns of the actions. */
  readonly actionSize: number;
  /** log π(a|s), `[batch, 1]`, of actions `[batch, action]`. */
  logProbabilities(inputs: tf.Tensor, actions: tf.Tensor): tf.Tensor;
  /** In nats, `[batch, 1]`. */
  entropies(inputs: tf.Tensor): tf.Tensor;
  /** KL(π_old ‖ π), `[batch, 1]`. */
  divergences(oldInputs: tf.Tensor, inputs: tf.Tensor): tf.Tensor;
  /** The likeliest actions, `[batch, action]`. */
  modes(inputs: tf.Tensor): tf.Tensor;
  /** log π(a|s) on plain arrays: of `count` actions `[count, action]`, `[count]`. */
  logLikelihoods(inputs: Float32Array, actions: Float32Array, count: number): Float32Array;
  /**
   * Draws `count` actions into `actions` `[count, action]`, and their log-probabilities into `logProbabilities`
   * `[count]`; without a generator the modes.
   */
  draw(
    inputs: Float32Array,
    count: number,
    random: Random | null,
    actions: Float32Array,
    logProbabilities: Float32Array,
  ): void;
}
