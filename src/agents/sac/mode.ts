import * as tf from '@tensorflow/tfjs-core';
import type { StateDict } from '../../common/state-dict.ts';
import { EngineSpecError, type Shape, type Tensors } from '../../engine/index.ts';
import { perceptronShapes } from '../networks.ts';
import { actionDistribution, sacNetworks } from './networks.ts';
import type { ResolvedSacOptions } from './options.ts';

/** A policy's mode as plain parameters and a function of TF.js operations, apart from any engine: for exporting. */
export interface PolicyMode {
  readonly parameters: Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>;
  /** Normalized actions `[count, action]` for observations `[count, observation]`. */
  compute(parameters: Tensors, observations: tf.Tensor): tf.Tensor;
}

/**
 * The mode of a soft actor-critic: tanh(μ(s)).
 *
 * @param weights what `getWeights` of a policy with these sizes and options returned
 */
export function sacMode(
  sizes: { readonly observationSize: number; readonly actionSize: number; readonly options: ResolvedSacOptions },
  weights: StateDict,
): PolicyMode {
  const networks = sacNetworks(sizes.observationSize, sizes.actionSize, sizes.options);
  const vector = weights.actor;
  if (!(vector instanceof Float32Array))
    throw new EngineSpecError(
      "Exporting a policy: its weights hold no actor. Pass what the policy's getWeights returns.",
    );
  let offset = 0;
  const parameters = Object.entries(perceptronShapes(networks.actor)).map(([name, shape]) => {
    const size = shape.reduce((product, n) => product * n, 1);
    const data = vector.slice(offset, offset + size);
    offset += size;
    return [name, { shape, data }] as const;
  });
  return {
    parameters: Object.fromEntries(parameters),
    compute: (tensors, observations) => tf.tanh(actionDistribution(networks, tensors, observations).mean),
  };
}
