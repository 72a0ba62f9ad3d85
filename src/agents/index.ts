export { BasePolicy } from './base-policy.ts';
export { buildPolicy, type OnPolicyAlgorithm } from './build-policy.ts';
export { type ActionDistribution, categorical, gaussian } from './distributions/index.ts';
export type { EnginePolicy } from './engine-policy.ts';
export type { EnginePolicyOptions } from './engine-policy-options.ts';
export type { EnginePolicySpec, LossContext, PolicyContext, PostprocessContext } from './engine-policy-spec.ts';
export { NStepAccumulator, type NStepOptions, type Step } from './n-step.ts';
export type {
  ActionBatch,
  ActionSpec,
  Columns,
  ComputeActionsOptions,
  EpisodeView,
  OnPolicy,
  Policy,
  PolicyGradients,
  PolicyMode,
  RolloutSpec,
  SampleBatch,
  SingleAction,
  Trajectory,
  TransitionBatch,
} from './policy.ts';
export type { PpoOptions } from './ppo/options.ts';
export { ppo } from './ppo/ppo.ts';
export { ReplayBuffer, type ReplayBufferOptions, type Transition } from './replay-buffer.ts';
export { generalizedAdvantages, rewardsToGo, standardize } from './returns.ts';
export {
  type ReturnsOptions,
  type RolloutMiniBatch,
  type RolloutStep,
  RolloutStorage,
  type RolloutStorageOptions,
} from './rollout-storage.ts';
export { sacMode } from './sac/mode.ts';
export { type ResolvedSacOptions, resolveSacOptions, type SacOptions } from './sac/options.ts';
export { type CreateSacOptions, createSac, SacPolicy } from './sac/sac.ts';
export { type RememberedBatch, type RememberedStep, StepMemory } from './step-memory.ts';
