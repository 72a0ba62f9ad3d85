import * as tf from '@tensorflow/tfjs-core';
import type { LossResult, Tensors } from '../../engine/index.ts';
import { actionDistribution, criticValues, type SacNetworks, sampleActions, smallestValue } from './networks.ts';
import type { ResolvedSacOptions } from './options.ts';

// Equations of Haarnoja et al. 2018, Soft Actor-Critic Algorithms and Applications, https://arxiv.org/abs/1812.05905

/** The tensors of a batch: `[batch, observation]`, `[batch, action]`, `[batch, 1]`; noise is standard normal. */
export type SacBatch = Record<
  'observations' | 'actions' | 'rewards' | 'nextObservations' | 'discounts' | 'noise' | 'nextNoise',
  tf.Tensor
>;

/** Parameters by group. */
export type SacParameters = Record<'actor' | 'critics' | 'targets' | 'temperature', Tensors>;

const temperature = (parameters: SacParameters) => tf.exp(parameters.temperature.logAlpha as tf.Tensor);

/** Rewards as many standard deviations (of the sample, n − 1) from their batch's mean, times `scale`. */
function normalizeRewards(rewards: tf.Tensor, scale: number): tf.Tensor {
  const centered = tf.sub(rewards, tf.mean(rewards));
  const variance = tf.div(tf.sum(tf.square(centered)), Math.max(1, rewards.size - 1));
  return tf.mul(tf.div(centered, tf.add(tf.sqrt(variance), 1e-6)), scale);
}

/**
 * The critics' soft Bellman residual, equations 5 and 6:
 *
 *   J(θ) = Σᵢ E[(Qᵢ(s, a) − y)²],  y = r + γ (minⱼ Q̄ⱼ(s′, a′) − α log π(a′|s′)),  a′ ~ π(·|s′)
 *
 * With n-step returns r, γ and s′ are those of n steps.
 */
export function criticLoss(
  networks: SacNetworks,
  options: ResolvedSacOptions,
  parameters: SacParameters,
  batch: SacBatch,
): LossResult {
  const next = sampleActions(actionDistribution(networks, parameters.actor, batch.nextObservations), batch.nextNoise);
  const nextValues = criticValues(networks, parameters.targets, batch.nextObservations, next.actions);
  const softValues = tf.sub(smallestValue(nextValues), tf.mul(temperature(parameters), next.logProbabilities));
  const rewards =
    options.rewardNormalization > 0 ? normalizeRewards(batch.rewards, options.rewardNormalization) : batch.rewards;
  const target = tf.add(rewards, tf.mul(batch.discounts, softValues));

  const values = criticValues(networks, parameters.critics, batch.observations, batch.actions);
  const residuals = values.map(value => tf.mean<tf.Scalar>(tf.squaredDifference(value, target)));
  const loss = residuals.reduce((sum, residual) => tf.add<tf.Scalar>(sum, residual));
  const alpha = temperature(parameters) as tf.Scalar; // log α has the shape [].
  return { loss, metrics: { value: tf.mean(target), temperature: alpha } };
}

/**
 * The actor's expected KL divergence from the critics' exponential, equation 7:
 *
 *   J(φ) = E[α log π(a|s) − minᵢ Qᵢ(s, a)],  a = tanh(μ(s) + σ(s) ε)
 */
export function actorLoss(networks: SacNetworks, parameters: SacParameters, batch: SacBatch): LossResult {
  const { actions, logProbabilities } = sampleActions(
    actionDistribution(networks, parameters.actor, batch.observations),
    batch.noise,
  );
  const values = smallestValue(criticValues(networks, parameters.critics, batch.observations, actions));
  const loss: tf.Scalar = tf.mean(tf.sub(tf.mul(temperature(parameters), logProbabilities), values));
  return { loss, metrics: { entropy: tf.neg(tf.mean(logProbabilities)) } };
}

/**
 * The temperature's loss, equation 18, with log α in α's place as in the authors' own code:
 *
 *   J(α) = E[−log α (log π(a|s) + H̄)]
 */
export function temperatureLoss(
  networks: SacNetworks,
  options: ResolvedSacOptions,
  parameters: SacParameters,
  batch: SacBatch,
): LossResult {
  const { logProbabilities } = sampleActions(
    actionDistribution(networks, parameters.actor, batch.observations),
    batch.noise,
  );
  const surplus = tf.add(tf.mean(logProbabilities), options.targetEntropy);
  return { loss: tf.neg(tf.mul(parameters.temperature.logAlpha as tf.Tensor, surplus)) };
}
