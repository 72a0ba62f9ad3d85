import type * as tf from '@tensorflow/tfjs-core';
import type * as z from 'zod';
import type { Random } from '../common/random.ts';
import type { Engine, LossResult, Tensors } from '../engine/index.ts';
import type { ActionDistribution } from './distributions/index.ts';
import type { EnginePolicyOptions } from './engine-policy-options.ts';
import type { ActionSpec, SampleBatch, Trajectory } from './policy.ts';

/** What a loss is written in: the networks' outputs for a mini-batch, and the mini-batch. */
export interface LossContext<O> {
  readonly options: EnginePolicyOptions & O;
  readonly distribution: ActionDistribution;
  /** What the actor says now, `[rows, distribution.inputSize]`. */
  readonly distributionInputs: tf.Tensor;
  /** What the critic says now, `[rows, 1]`. Throws UsageError where there is none. */
  readonly values: tf.Tensor;
  /** log π(a|s) of the mini-batch's actions as the actor is now, `[rows, 1]`. */
  readonly logProbabilities: tf.Tensor;
  /** `[rows, 1]` */
  readonly entropies: tf.Tensor;
  /** Every column of the batch, `[rows, width]`. Throws UsageError for one that is not there. */
  readonly batch: Tensors;
  /** The mean over real rows, without padding, of `[rows, 1]`. */
  mean(x: tf.Tensor): tf.Scalar;
}

/** What post-processing may ask of the policy. */
export interface PostprocessContext<O> {
  readonly options: EnginePolicyOptions & O;
  /** V(s) after the trajectory's last step; 0 where that terminated the episode. */
  lastValue(): Promise<number>;
}

/** A policy as its losses and options. */
export interface EnginePolicySpec<O extends object> {
  readonly name: string;
  /** Defaults of its own options, and of common ones where others than usual. */
  readonly options: O & Partial<EnginePolicyOptions>;
  /** Finer checks of its own options. */
  readonly schema?: Readonly<Record<string, z.ZodType>>;
  /** The scalar to descend, and metrics. */
  loss(context: LossContext<O>): LossResult;
  /** Adds columns to a trajectory, such as advantages; `[steps]` or `[steps, width]`. */
  postprocessTrajectory?(
    trajectory: Trajectory,
    context: PostprocessContext<O>,
  ): Promise<Readonly<Record<string, Float32Array>>>;
  /** Changes a batch as a whole before it is learned from, such as to normalize advantages. */
  prepareBatch?(batch: SampleBatch, options: EnginePolicyOptions & O): SampleBatch;
  /** Whether enough was learned from this batch, asked after every mini-batch. */
  stop?(metrics: Readonly<Record<string, number>>, options: EnginePolicyOptions & O): boolean;
}

/** What a policy is made with. */
export interface PolicyContext {
  readonly observationSize: number;
  readonly actions: ActionSpec;
  readonly engine: Engine;
  /** Seeds the parameters and the sampling; advances by a few draws. */
  readonly random: Random;
  /** Checked here. */
  readonly options?: unknown;
}
