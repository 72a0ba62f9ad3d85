import { buildPolicy } from '../build-policy.ts';
import { generalizedAdvantages, rewardsToGo, standardize } from '../returns.ts';
import { ppoLoss } from './losses.ts';
import { PPO_DEFAULTS, PPO_SCHEMA, type PpoOptions } from './options.ts';

/**
 * Proximal policy optimization with a clipped objective: several epochs of mini-batches over each rollout, as far as
 * the policy stays near the one that acted.
 *
 * It is made with `buildPolicy` alone, as anyone's algorithm may be.
 *
 * Source: Schulman et al. 2017, https://arxiv.org/abs/1707.06347; defaults as in Stable-Baselines3.
 */
export const ppo = buildPolicy<PpoOptions>({
  name: 'ppo',
  options: {
    ...PPO_DEFAULTS,
    valueFunction: true,
    epochs: 10,
    miniBatchSize: 64,
    timestepsPerBatch: 2048,
    environments: 1,
    maxGradientNorm: 0.5,
  },
  schema: PPO_SCHEMA,
  async postprocessTrajectory({ columns }, { options, lastValue }) {
    // Every rollout has rewards, and the critic's predictions are among the extra outputs.
    const { rewards: given, valuePredictions: values } = columns as Record<
      'rewards' | 'valuePredictions',
      Float32Array
    >;
    const rewards = given.map(reward => reward * options.rewardScale);
    const { gamma, lambda } = options;
    const last = await lastValue();
    if (options.advantage === 'gae') {
      const advantages = generalizedAdvantages({ rewards, values, lastValue: last, gamma, lambda });
      return { advantages, returns: advantages.map((advantage, t) => advantage + (values[t] as number)) };
    }
    const returns = rewardsToGo({ rewards, lastValue: last, gamma });
    return { returns, advantages: returns.map((value, t) => value - (values[t] as number)) };
  },
  prepareBatch(batch, { normalizeAdvantages }) {
    const { advantages } = batch.columns;
    if (!normalizeAdvantages || advantages === undefined) return batch;
    return { ...batch, columns: { ...batch.columns, advantages: standardize(advantages) } };
  },
  loss: ppoLoss,
  stop: ({ divergence = 0 }, { targetDivergence }) => targetDivergence > 0 && divergence > 1.5 * targetDivergence,
});
