import type * as tf from '@tensorflow/tfjs-core';
import type { StateDict } from '../common/state-dict.ts';
import type { Shape, Tensors } from '../engine/index.ts';

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

/**
 * Columns of numbers by name, each `[size, width]` as one flat array. A rollout has `observations`, `actions`,
 * `rewards`, `terminated`, `truncated`, `previousActions`, `previousRewards`, a policy's extra outputs under their own
 * names, `state_in_0`, `state_out_0` … of a recurrent one, and whatever `postprocessTrajectory` adds.
 */
export type Columns = Readonly<Record<string, Float32Array>>;

/** Steps of several trajectories, one trajectory after the other. */
export interface SampleBatch {
  /** Rows of every column. */
  readonly size: number;
  readonly columns: Columns;
  /** Rows of each trajectory, in order. */
  readonly lengths: readonly number[];
}

/** Consecutive steps of one episode: the whole of it, or the part that one rollout holds. */
export interface Trajectory {
  readonly size: number;
  readonly columns: Columns;
  /** What was observed after the last step, `[observation]`. */
  readonly nextObservation: Float32Array;
  /** The recurrent state after the last step. */
  readonly nextStates: readonly Float32Array[];
  /** The last step ended the episode for good: what follows is worth nothing. */
  readonly terminated: boolean;
  /** The last step cut the episode short. Neither of the two: the episode goes on in the next rollout. */
  readonly truncated: boolean;
}

/** An episode under way, as a policy may see it. */
export interface EpisodeView {
  /** Counted over all environments, from 0. */
  readonly id: number;
  /** Steps taken. */
  readonly length: number;
  /** Sum of the rewards so far. */
  readonly return: number;
}

export interface ActionBatch {
  /** `[count, action]`: normalized numbers, or one integer a row; valid until the next call. */
  readonly actions: Float32Array;
  /** The recurrent state after this step, one flat array `[count, width]` each; none without memory. */
  readonly stateBatches: readonly Float32Array[];
  /** Whatever else is to travel with this step into the training batch, by name, each `[count, width]`. */
  readonly extra: Columns;
}

export interface ComputeActionsOptions {
  /** The policy's mode instead of a sample. */
  readonly deterministic?: boolean;
  /** The recurrent state before this step, as `stateBatches` returned it; `initialState` where an episode starts. */
  readonly stateBatches?: readonly Float32Array[];
  /** `[count, action]`, zeros where an episode starts. */
  readonly previousActionBatch?: Float32Array;
  /** `[count]` */
  readonly previousRewardBatch?: Float32Array;
  /** What each environment said beside its observation. */
  readonly infoBatch?: readonly Readonly<Record<string, unknown>>[];
  readonly episodes?: readonly EpisodeView[];
}

/** The same for one observation: states and extras without the axis of the batch. */
export interface SingleAction {
  readonly action: Float32Array;
  readonly states: readonly Float32Array[];
  readonly extra: Columns;
}

/** How `learnOnBatch` would move each group of parameters, by the loss's name. */
export interface PolicyGradients {
  readonly gradients: Readonly<Record<string, Float32Array>>;
  readonly metrics: Readonly<Record<string, number>>;
}

/** What actions are: `size` numbers in [-1, 1], or one of the integers 0 … n − 1. */
export type ActionSpec =
  | { readonly kind: 'box'; readonly size: number }
  | { readonly kind: 'discrete'; readonly n: number };

/** A policy's mode as plain parameters and a function of TF.js operations, apart from any engine: for exporting. */
export interface PolicyMode {
  readonly parameters: Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>;
  /** Width of each recurrent state. */
  readonly states: readonly number[];
  /**
   * Actions `[count, action]` for observations `[count, observation]`, and the states after. For discrete actions one
   * column, the index of the likeliest.
   */
  compute(
    parameters: Tensors,
    observations: tf.Tensor,
    states: readonly tf.Tensor[],
  ): { readonly actions: tf.Tensor; readonly states: readonly tf.Tensor[] };
}

/**
 * How to act, and how to learn: what every algorithm is to training, evaluation, checkpoints and export.
 *
 * ```ts
 * const { actions, stateBatches, extra } = await policy.computeActions(observations, count, { stateBatches: states });
 * …
 * const batch = concatenate(await Promise.all(trajectories.map(t => policy.postprocessTrajectory(t))));
 * const metrics = await policy.learnOnBatch(batch);
 * ```
 *
 * A class of one's own extends {@link BasePolicy}; {@link buildPolicy} makes one from losses.
 *
 * Source: the Policy of Ray RLlib, whose concept this is.
 *
 * @typeParam Batch what it learns from: a {@link SampleBatch}, or a {@link TransitionBatch} off-policy
 */
export interface Policy<Batch = never> {
  /** Numbers in an observation. */
  readonly observationSize: number;
  /** Numbers in an action; 1 for a discrete one. */
  readonly actionSize: number;
  /** Actions for `count` observations, rows of a flat array `[count, observation]`. */
  computeActions(observations: Float32Array, count: number, options?: ComputeActionsOptions): Promise<ActionBatch>;
  /** One action; its arrays belong to the caller. */
  computeSingleAction(observation: Float32Array, options?: ComputeActionsOptions): Promise<SingleAction>;
  /** log π(a|s) of `count` actions `[count, action]`, `[count]`. Throws UsageError where the policy has no density. */
  computeLogLikelihoods(
    actions: Float32Array,
    observations: Float32Array,
    count: number,
    options?: ComputeActionsOptions,
  ): Promise<Float32Array>;
  /** Adds what learning needs to a trajectory, such as advantages. */
  postprocessTrajectory(trajectory: Trajectory): Promise<Trajectory>;
  /** Learns. The returned object may be reused by the next call; `gradientSteps` counts the steps where not one. */
  learnOnBatch(batch: Batch): Promise<Readonly<Record<string, number>>>;
  /** The gradients of one update on the batch; nothing moves. Throws UsageError where there are none. */
  computeGradients(batch: Batch): Promise<PolicyGradients>;
  applyGradients(gradients: PolicyGradients['gradients']): Promise<void>;
  /**
   * What it thinks of one step: the value it expects, and the standard deviation of each number of its action; null
   * where it has no opinion. For people who watch; acting and learning do not need it.
   */
  inspect?(
    observation: Float32Array,
    action: Float32Array,
  ): Promise<{ readonly value: number | null; readonly deviation: readonly number[] | null }>;
  /** The recurrent state of one episode's start, an array each; none without memory. */
  initialState(): readonly Float32Array[];
  /** What acting needs, without what learning needs. */
  getWeights(): Promise<StateDict>;
  setWeights(weights: StateDict): Promise<void>;
  /** All: parameters, targets, optimizers, generators. */
  getState(): Promise<StateDict>;
  setState(state: StateDict): Promise<void>;
  /** The mode, to be written as a file. Throws UsageError where it cannot be. */
  exportModel(): Promise<PolicyMode>;
  close(): Promise<void>;
}

/** How a policy that learns from whole rollouts wants them. */
export interface RolloutSpec {
  /** Steps of all environments together between two updates. */
  readonly timestepsPerBatch: number;
  /** Environments stepped together. */
  readonly environments: number;
  /** An episode is truncated here where the environment goes on; undefined: no limit of its own. */
  readonly maxTimestepsPerEpisode?: number | undefined;
  /** Batches of whole episodes, `timestepsPerBatch` or a little more; else of equally many steps of each environment. */
  readonly completeEpisodes: boolean;
}

/** A policy that learns from rollouts it made itself. */
export interface OnPolicy extends Policy<SampleBatch> {
  readonly rollout: RolloutSpec;
  /** How far training has come, before each `learnOnBatch`: for schedules. */
  onProgress?(envSteps: number, totalSteps: number): void;
}
