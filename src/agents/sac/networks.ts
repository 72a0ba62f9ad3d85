import * as tf from '@tensorflow/tfjs-core';
import type { Tensors } from '../../engine/index.ts';
import { type Perceptron, perceptron } from '../networks.ts';
import type { ResolvedSacOptions } from './options.ts';

/** The actor and the critics of one agent, without their parameters. */
export interface SacNetworks {
  readonly actor: Perceptron;
  /** What each critic is. */
  readonly critic: Perceptron;
  readonly criticCount: number;
  readonly logStandardDeviationBounds: readonly [number, number];
}

export function sacNetworks(observationSize: number, actionSize: number, options: ResolvedSacOptions): SacNetworks {
  return {
    actor: { inputSize: observationSize, hidden: options.actorHidden, outputSize: 2 * actionSize },
    critic: {
      inputSize: observationSize + actionSize,
      hidden: options.criticHidden,
      outputSize: 1,
      layerNorm: options.criticLayerNorm,
    },
    criticCount: options.critics,
    logStandardDeviationBounds: options.logStandardDeviationBounds,
  };
}

/** A normal distribution over actions before they are squashed, each `[batch, action]`. */
export interface Gaussian {
  readonly mean: tf.Tensor;
  readonly logStandardDeviation: tf.Tensor;
}

/** The actor's distribution for each observation `[batch, observation]`. */
export function actionDistribution(networks: SacNetworks, parameters: Tensors, observations: tf.Tensor): Gaussian {
  const [mean, raw] = tf.split(perceptron(networks.actor, parameters, observations), 2, 1) as [tf.Tensor, tf.Tensor];
  const [low, high] = networks.logStandardDeviationBounds;
  return { mean, logStandardDeviation: tf.clipByValue(raw, low, high) };
}

/**
 * log(1 − tanh²(u)), stably: 2 (log 2 − u − softplus(−2u)), whose derivative is −2 tanh(u).
 *
 * Source: TensorFlow Probability's Tanh bijector.
 */
function logOneMinusTanhSquared(u: tf.Tensor): tf.Tensor {
  const compute = tf.customGrad((input, save) => {
    // tf.customGrad's own type for its arguments does not say which are tensors and which the save function.
    const [x, keep] = [input as tf.Tensor, save as tf.GradSaveFunc];
    keep([x]);
    return {
      value: tf.mul(tf.sub(tf.sub(Math.LN2, x), tf.softplus(tf.mul(x, -2))), 2),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, tf.mul(tf.tanh(saved[0] as tf.Tensor), -2)),
    };
  });
  return compute(u);
}

/**
 * Actions a = tanh(μ + σ ε) and the logarithm of their probability density.
 *
 *   log π(a|s) = Σ [log N(u; μ, σ) − log(1 − tanh²(u))]
 *
 * Source: Haarnoja et al. 2018, https://arxiv.org/abs/1812.05905, appendix C, equation 26.
 *
 * @param noise ε, standard normal, `[batch, action]`
 * @returns actions `[batch, action]` and log-probabilities `[batch, 1]`
 */
export function sampleActions({ mean, logStandardDeviation }: Gaussian, noise: tf.Tensor) {
  const u = tf.add(mean, tf.mul(tf.exp(logStandardDeviation), noise));
  const actions = tf.tanh(u);
  // log N(μ + σε; μ, σ) = −ε²/2 − log σ − log(2π)/2
  const gaussian = tf.sub(tf.mul(tf.square(noise), -0.5), tf.add(logStandardDeviation, 0.5 * Math.log(2 * Math.PI)));
  const logProbabilities = tf.sum(tf.sub(gaussian, logOneMinusTanhSquared(u)), 1, true);
  return { actions, logProbabilities };
}

/** What each critic's parameters begin with in their group. */
export function criticPrefixes({ criticCount }: SacNetworks): string[] {
  return Array.from({ length: criticCount }, (_, i) => `critic${i}/`);
}

/** Each critic's value of each state and action, `[batch, 1]`. */
export function criticValues(
  networks: SacNetworks,
  parameters: Tensors,
  observations: tf.Tensor,
  actions: tf.Tensor,
): tf.Tensor[] {
  const input = tf.concat([observations, actions], 1);
  return criticPrefixes(networks).map(prefix => perceptron(networks.critic, parameters, input, prefix));
}

/** The smallest of the critics' values, `[batch, 1]`. */
export function smallestValue(values: readonly tf.Tensor[]): tf.Tensor {
  return values.reduce((smallest, value) => tf.minimum(smallest, value));
}
