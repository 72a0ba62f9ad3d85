/**
 * The simplest policy gradient (REINFORCE with Adam) as an algorithm of one's own:
 *
 *   ∇J(θ) = E[Σₜ ∇ log π(aₜ|sₜ) Gₜ],  Gₜ = Σₖ γᵏ rₜ₊ₖ
 *
 *     graspbridge train --policy examples/reinforce.ts --env CartPole-v1 --steps 100000
 *
 * Networks, acting, workers, checkpoints, evaluation, curves and export come with the package.
 *
 * Source: Williams 1992, Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning.
 */
import * as tf from '@tensorflow/tfjs-core';
import { buildPolicy, rewardsToGo, standardize } from 'graspbridge';

export default buildPolicy({
  name: 'reinforce',
  // Options that every such policy has get other defaults here; `baseline` is one of its own.
  options: {
    baseline: true,
    gamma: 0.99,
    learningRate: 1e-2,
    hidden: [32],
    // A batch is whole episodes, of 1000 steps or a little more: one step of Adam for all of them.
    timestepsPerBatch: 1000,
    miniBatchSize: 1500,
    completeEpisodes: true,
  },

  // What is worth knowing of each episode before it is learned from, as further columns of the batch.
  async postprocessTrajectory({ columns: { rewards = new Float32Array() } }, { options }) {
    return { returns: rewardsToGo({ rewards, gamma: options.gamma, lastValue: 0 }) };
  },

  // Returns in standard deviations from their mean: the mean is a baseline, which takes nothing from the gradient's truth.
  prepareBatch(batch, { baseline }) {
    const { returns } = batch.columns;
    if (!baseline || returns === undefined) return batch;
    return { ...batch, columns: { ...batch.columns, returns: standardize(returns) } };
  },

  // Written in TF.js; it is traced once, with its gradient.
  loss({ logProbabilities, entropies, batch, mean }) {
    const weighted = tf.mul(logProbabilities, batch.returns as tf.Tensor);
    return { loss: tf.neg(mean(weighted)), metrics: { entropy: mean(entropies) } };
  },
});
