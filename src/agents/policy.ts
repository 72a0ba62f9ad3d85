import type { StateDict } from '../common/state-dict.ts';

/** Transitions as rows of flat arrays, `size` of them. */
export interface TransitionBatch {
  readonly size: number;
  /** `[size, observation]` */
  readonly observations: Float32Array;
  /** `[size, action]` */
  readonly actions: Float32Array;
  /** `[size]`; with n-step returns the discounted sum of n rewards. */
  readonly rewards: Float32Array;
  /** `[size, observation]`; with n-step returns n steps later. */
  readonly nextObservations: Float32Array;
  /** `[size]`; γ^n where the next state has a value, 0 where the episode terminated. */
  readonly discounts: Float32Array;
}

export interface ActionBatch {
  /** `[count, action]`, normalized; valid until the next call. */
  readonly actions: Float32Array;
}

export interface ComputeActionsOptions {
  /** The policy's mode instead of a sample. */
  readonly deterministic?: boolean;
}

/** How to act, and how to learn from transitions. */
export interface Policy {
  /** Numbers in an observation. */
  readonly observationSize: number;
  /** Numbers in an action, each in [-1, 1]. */
  readonly actionSize: number;
  /** Actions for `count` observations, rows of a flat array `[count, observation]`. */
  computeActions(observations: Float32Array, count: number, options?: ComputeActionsOptions): Promise<ActionBatch>;
  /** One update. The returned object is reused by the next call. */
  learnOnBatch(batch: TransitionBatch): Promise<Readonly<Record<string, number>>>;
  /** What acting needs, without what learning needs. */
  getWeights(): Promise<StateDict>;
  setWeights(weights: StateDict): Promise<void>;
  /** All: parameters, targets, optimizers, generators. */
  getState(): Promise<StateDict>;
  setState(state: StateDict): Promise<void>;
  close(): Promise<void>;
}
