import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../common/random.ts';
import type { Shapes, Tensors } from '../engine/index.ts';
import type { ActionDistribution } from './distributions/index.ts';
import { type Perceptron, perceptron, perceptronShapes } from './networks.ts';
import { initializeOrthogonal } from './orthogonal.ts';
import {
  initializeRecurrent,
  type RecurrentCore,
  recurrentShapes,
  recurrentStates,
  runRecurrent,
} from './recurrent.ts';

export interface ActorCriticOptions {
  readonly hidden: readonly number[];
  readonly activation: 'relu' | 'tanh';
  readonly recurrent: 'none' | 'gru' | 'lstm';
  readonly recurrentSize: number;
  /** Whether the Gaussian's deviation is a parameter that learns; else it stays. */
  readonly learnedStandardDeviation: boolean;
  readonly logStandardDeviation: number;
  /** Whether there is a critic. */
  readonly valueFunction: boolean;
}

/** An actor, and a critic if wanted, each with a memory of its own if wanted; without their parameters. */
export interface ActorCritic {
  readonly observationSize: number;
  readonly distribution: ActionDistribution;
  readonly options: ActorCriticOptions;
  readonly core: RecurrentCore | null;
  /** The halves that there are. */
  readonly halves: readonly ('actor' | 'critic')[];
  readonly actor: Perceptron;
  readonly critic: Perceptron;
  /** Whether the distribution's second half of inputs are the logarithms of deviations, kept apart from the network. */
  readonly continuous: boolean;
}

/** What the networks say about observations. */
export interface ActorCriticOutputs {
  /** `[rows, distribution.inputSize]` */
  readonly distributionInputs: tf.Tensor;
  /** V(s), `[rows, 1]`; null without a critic. */
  readonly values: tf.Tensor | null;
  /** After the last step, each `[count, width]`. */
  readonly states: readonly tf.Tensor[];
}

export function actorCritic(
  observationSize: number,
  distribution: ActionDistribution,
  continuous: boolean,
  options: ActorCriticOptions,
): ActorCritic {
  const { hidden, activation, recurrent, recurrentSize } = options;
  const core = recurrent === 'none' ? null : { kind: recurrent, inputSize: observationSize, size: recurrentSize };
  const head = { inputSize: core?.size ?? observationSize, hidden, activation };
  return {
    observationSize,
    distribution,
    options,
    core,
    halves: options.valueFunction ? ['actor', 'critic'] : ['actor'],
    actor: { ...head, outputSize: continuous ? distribution.actionSize : distribution.inputSize },
    critic: { ...head, outputSize: 1 },
    continuous,
  };
}

/** Widths of all recurrent states: the actor's, then the critic's. */
export function stateWidths({ core, halves }: ActorCritic): number[] {
  return core === null ? [] : halves.flatMap(() => recurrentStates(core));
}

const learnsDeviation = ({ continuous, options }: ActorCritic) => continuous && options.learnedStandardDeviation;

export function actorCriticShapes(model: ActorCritic): Shapes {
  const half = (name: 'actor' | 'critic') => ({
    ...(model.core === null ? {} : recurrentShapes(model.core, `${name}/core/`)),
    ...perceptronShapes(model[name], `${name}/`),
  });
  return {
    ...Object.assign({}, ...model.halves.map(half)),
    ...(learnsDeviation(model) ? { logStandardDeviation: [model.distribution.actionSize] } : {}),
  };
}

/** Parameters in the order of {@link actorCriticShapes}; first actions are nearly all alike. */
export function initializeActorCritic(model: ActorCritic, random: Random): Float32Array {
  const { actionSize } = model.distribution;
  const { logStandardDeviation } = model.options;

  // √2 keeps the size of numbers from layer to layer behind a rectifier; by custom it serves tanh too.
  const hidden = Math.SQRT2;
  const parts = model.halves.flatMap(name => [
    model.core === null ? [] : initializeRecurrent(model.core, random),
    initializeOrthogonal(model[name], { hidden, last: name === 'actor' ? 0.01 : 1 }, random),
  ]);
  if (learnsDeviation(model)) parts.push(new Float32Array(actionSize).fill(logStandardDeviation));
  return Float32Array.from(parts.flatMap(part => [...part]));
}

/**
 * Runs actor and critic over sequences of `steps` steps (1 without memory).
 *
 * @param observations `[steps × count, observation]`, all sequences' first steps first
 * @param states before the first step, each `[count, width]`
 */
export function runActorCritic(
  model: ActorCritic,
  parameters: Tensors,
  observations: tf.Tensor,
  states: readonly tf.Tensor[],
  steps = 1,
): ActorCriticOutputs {
  const { core, continuous, options, distribution } = model;
  const after: tf.Tensor[] = [];
  const own = core === null ? 0 : recurrentStates(core).length;
  const [inputs, values] = model.halves.map((name, i) => {
    let x = observations;
    if (core !== null) {
      const before = states.slice(i * own, (i + 1) * own);
      const result = runRecurrent(core, parameters, `${name}/core/`, x, before, steps);
      after.push(...result.states);
      x = result.outputs;
    }
    return perceptron(model[name], parameters, x, `${name}/`);
  }) as [tf.Tensor, tf.Tensor | undefined];
  if (!continuous) return { distributionInputs: inputs, values: values ?? null, states: after };
  const rows = observations.shape[0] as number;
  const shape = [rows, distribution.actionSize];
  const logarithm = learnsDeviation(model)
    ? tf.add(tf.zeros(shape), parameters.logStandardDeviation as tf.Tensor)
    : tf.fill(shape, options.logStandardDeviation);
  return { distributionInputs: tf.concat([inputs, logarithm], 1), values: values ?? null, states: after };
}
