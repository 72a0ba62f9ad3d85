import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { StateDict } from '../common/state-dict.ts';

export type Shape = readonly number[];
export type Shapes = Readonly<Record<string, Shape>>;
export type Tensors = Readonly<Record<string, Tensor>>;

/** Named parameters that one optimizer moves together, in one flat float32 vector in the order of `shapes`. */
export interface ParameterGroup {
  readonly name: string;
  readonly shapes: Shapes;
  /** How many numbers in all. */
  readonly size: number;
  /** A copy of the flat vector, `[size]`. */
  read(): Promise<Float32Array>;
  write(values: Float32Array): Promise<void>;
}

/** Adam (Kingma and Ba 2015, algorithm 1). */
export interface AdamOptions {
  readonly learningRate: number;
  /** The rate halves after so many steps, is a third after twice as many, and so on: rate / (1 + t / halvingSteps). */
  readonly halvingSteps?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** Parameters of every group in use, by group and name, as tensors. */
export type Parameters = Readonly<Record<string, Tensors>>;

export interface LossResult {
  /** The scalar to descend. */
  readonly loss: Scalar;
  /** Further scalars to report, by name. */
  readonly metrics?: Readonly<Record<string, Scalar>>;
}

/** One loss, written in plain TF.js operations, and the group that descends its gradient. */
export interface LossSpec {
  /** Names the loss among the metrics. */
  readonly name: string;
  /** Parameters the gradient is taken for and the optimizer moves; all other groups are constants of this loss. */
  readonly group: ParameterGroup;
  readonly optimizer: AdamOptions;
  /** The gradient of the whole group is scaled down to this Euclidean norm where it is longer (Pascanu et al. 2013). */
  readonly maxGradientNorm?: number;
  loss(parameters: Parameters, batch: Tensors): LossResult;
}

/** target ← (1 − rate) target + rate source, after every update. The two groups have the same shapes. */
export interface PolyakSpec {
  readonly target: ParameterGroup;
  readonly source: ParameterGroup;
  readonly rate: number;
}

export interface UpdateSpec {
  /** Every group that a loss reads or moves. */
  readonly groups: readonly ParameterGroup[];
  /** Shapes of the batch's tensors by name; static. */
  readonly inputs: Shapes;
  /** Stages in order. Losses of one stage see the same parameters; the next stage sees them moved. */
  readonly stages: readonly (readonly LossSpec[])[];
  readonly polyak?: readonly PolyakSpec[];
}

/**
 * A compiled parameter update.
 *
 * ```ts
 * update.inputs.reward.set(rewards);   // fill the batch in place
 * const metrics = await update.run();  // losses and metrics by name
 * ```
 */
export interface Update {
  /** The batch's memory by name, to be filled before each run. The same arrays for the update's whole life. */
  readonly inputs: Readonly<Record<string, Float32Array>>;
  /**
   * Computes the gradients, applies the optimizers stage by stage, then moves the target groups.
   * The returned object is reused by the next run. Throws NonFiniteLossError where a loss or a metric is not finite;
   * the parameters of the stage that produced it are then untouched.
   *
   * @param stages run only the first so many stages, as when an actor moves less often than its critics; their targets
   * move all the same, and the metrics are those of the stages that ran
   */
  run(stages?: number): Promise<Readonly<Record<string, number>>>;
  /**
   * The gradient of every loss at the present parameters, by the loss's name, and the metrics; nothing moves. Copies.
   * Throws NonFiniteLossError as `run` does.
   */
  computeGradients(): Promise<Gradients>;
  /** Moves the parameters as `run` does, by gradients from wherever. Throws EngineSpecError where they are of other sizes. */
  applyGradients(gradients: Readonly<Record<string, Float32Array>>): Promise<void>;
  /** Multiplies all learning rates from now on, as a schedule says; 1 to begin with, and no part of the state. */
  setLearningRateScale(scale: number): void;
  /** The optimizers' moments and step counts. */
  getState(): Promise<StateDict>;
  setState(state: StateDict): Promise<void>;
  close(): Promise<void>;
}

/** Gradients by loss, each laid out as the loss's group, and the losses' metrics. */
export interface Gradients {
  readonly gradients: Readonly<Record<string, Float32Array>>;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface ForwardSpec {
  readonly groups: readonly ParameterGroup[];
  readonly inputs: Shapes;
  compute(parameters: Parameters, inputs: Tensors): Tensors;
}

/** A compiled function from inputs to outputs, both in memory that stays in place; parameters are read as they are now. */
export interface Forward {
  readonly inputs: Readonly<Record<string, Float32Array>>;
  readonly outputs: Readonly<Record<string, Float32Array>>;
  run(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Turns losses and functions written once in TF.js into fast programs.
 *
 * An agent declares parameter groups, then compiles updates and forward functions over them. Shapes are static: one
 * program per batch size. An operation that the backend has no kernel for is an UnsupportedOperationError naming it.
 */
export interface Engine {
  /** `onnx` or `tfjs`. */
  readonly name: string;
  /** What computes, for people: `ONNX Runtime 1.30.0, CPU, 1 thread`. */
  readonly description: string;
  /** Parameters, all zero until written. */
  createGroup(name: string, shapes: Shapes): ParameterGroup;
  compileUpdate(spec: UpdateSpec): Promise<Update>;
  compileForward(spec: ForwardSpec): Promise<Forward>;
  close(): Promise<void>;
}
