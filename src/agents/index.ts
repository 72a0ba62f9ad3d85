export { NStepAccumulator, type NStepOptions, type Step } from './n-step.ts';
export type { ActionBatch, ComputeActionsOptions, Policy, TransitionBatch } from './policy.ts';
export { ReplayBuffer, type ReplayBufferOptions, type Transition } from './replay-buffer.ts';
export { type PolicyMode, sacMode } from './sac/mode.ts';
export type { ResolvedSacOptions, SacOptions } from './sac/options.ts';
export { type CreateSacOptions, createSac, SacPolicy } from './sac/sac.ts';
