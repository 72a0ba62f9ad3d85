import * as tf from '@tensorflow/tfjs-core';
import type { StateDict } from '../../common/state-dict.ts';
import { EngineSpecError } from '../../engine/index.ts';
import { perceptronShapes } from '../networks.ts';
import type { PolicyMode } from '../policy.ts';
import { actionDistribution, sacNetworks } from './networks.ts';
import type { ResolvedSacOptions } from './options.ts';

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
    states: [],
    compute: (tensors, observations) => ({
      actions: tf.tanh(actionDistribution(networks, tensors, observations).mean),
      states: [],
    }),
  };
}
