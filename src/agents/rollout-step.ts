import type { ActionSpec } from './policy.ts';

export interface RolloutStorageOptions {
  readonly steps: number;
  readonly environments: number;
  readonly observationSize: number;
  readonly actions: ActionSpec;
  /** Widths of the recurrent states; none without memory. */
  readonly stateSizes?: readonly number[];
}

/** One step of all environments: what was done, and what came of it. Each array is `[environments, …]`. */
export interface RolloutStep {
  /** What was observed after the step; where an episode ended, what the next one begins with. */
  readonly observations: Float32Array;
  readonly actions: Float32Array;
  readonly actionLogProbabilities: Float32Array;
  /** V(s) before the step. */
  readonly valuePredictions: Float32Array;
  readonly rewards: Float32Array;
  /** 0 where the step ended an episode, else 1. */
  readonly masks: Float32Array;
  /** 0 where that end was a time limit's, else 1; all 1 by default. */
  readonly badMasks?: Float32Array;
  /** Where a time limit ended the episode: the value of what was observed last, before the reset. */
  readonly finalValues?: Float32Array;
  /** The recurrent states after the step. */
  readonly states?: readonly Float32Array[];
}

export interface ReturnsOptions {
  readonly gamma: number;
  /** λ of generalized advantages; left out: plain discounted returns. */
  readonly lambda?: number;
  /**
   * Whether an episode that a time limit cut short is bootstrapped: from `finalValues` where they were inserted, else
   * its last step is given its own prediction as return, which takes it out of learning. True by default.
   */
  readonly properTimeLimits?: boolean;
}

/** Rows of a rollout to learn from. Those of the recurrent generator are time-major, `[steps × sequences]`. */
export interface RolloutMiniBatch {
  readonly rows: number;
  readonly observations: Float32Array;
  /** At each row; with the recurrent generator at each sequence's start. */
  readonly states: readonly Float32Array[];
  readonly actions: Float32Array;
  readonly actionLogProbabilities: Float32Array;
  readonly valuePredictions: Float32Array;
  readonly returns: Float32Array;
  readonly advantages: Float32Array;
  /** 0 where an episode begins: there a memory starts anew. */
  readonly masks: Float32Array;
}
