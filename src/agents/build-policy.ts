import { EnginePolicy } from './engine-policy.ts';
import { resolveEnginePolicyOptions, rolloutSpec } from './engine-policy-options.ts';
import type { EnginePolicySpec, PolicyContext } from './engine-policy-spec.ts';
import type { OnPolicy, RolloutSpec } from './policy.ts';

/** An algorithm that learns from rollouts of its own policy: how that policy is made. */
export interface OnPolicyAlgorithm<P extends OnPolicy = OnPolicy> {
  readonly kind: 'on-policy';
  readonly name: string;
  create(context: PolicyContext): Promise<P>;
  /** The rollouts that a policy with such options would want, for checks before one is made. Throws UsageError. */
  rolloutOf?(options: unknown): RolloutSpec;
}

/**
 * An algorithm from its loss and options, on the engine: the networks, acting, mini-batches, memory, checkpoints and
 * export come with it.
 *
 * ```ts
 * export default buildPolicy({
 *   name: 'my-policy-gradient',
 *   options: { learningRate: 1e-2, completeEpisodes: true },
 *   postprocessTrajectory: async ({ columns }, { options }) => ({
 *     returns: rewardsToGo({ rewards: columns.rewards, gamma: options.gamma, lastValue: 0 }),
 *   }),
 *   loss: ({ logProbabilities, batch, mean }) => ({ loss: tf.neg(mean(tf.mul(logProbabilities, batch.returns))) }),
 * });
 * ```
 *
 * Throws UsageError, when a policy is created, for options that are unknown or wrong.
 */
export function buildPolicy<O extends object>(spec: EnginePolicySpec<O>): OnPolicyAlgorithm<EnginePolicy<O>> {
  return {
    kind: 'on-policy',
    name: spec.name,
    create: context => EnginePolicy.create(spec, context),
    rolloutOf: options => rolloutSpec(resolveEnginePolicyOptions(spec.name, spec.options, spec.schema ?? {}, options)),
  };
}
