import * as tf from '@tensorflow/tfjs-core';
import type { ParameterGroup, Parameters, Tensors } from '../engine/index.ts';
import { type ActorCritic, type ActorCriticOutputs, runActorCritic, stateWidths } from './actor-critic.ts';
import type { EnginePolicyOptions } from './engine-policy-options.ts';
import { OBSERVATION_BOUND } from './observation-normalizer.ts';
import type { PolicyMode } from './policy.ts';

/** The networks on observations as the environment gives them, normalized here where the options say so. */
export function runPolicyNetworks(
  model: ActorCritic,
  { normalizeObservations }: EnginePolicyOptions,
  parameters: Parameters,
  observations: tf.Tensor,
  states: readonly tf.Tensor[],
  steps = 1,
): ActorCriticOutputs {
  const own = parameters.policy as Tensors; // The policy's groups, whose names are given where they are created.
  if (!normalizeObservations) return runActorCritic(model, own, observations, states, steps);
  const { mean, scale } = parameters.normalizer as Record<'mean' | 'scale', tf.Tensor>;
  const normalized = tf.clipByValue(tf.mul(tf.sub(observations, mean), scale), -OBSERVATION_BOUND, OBSERVATION_BOUND);
  return runActorCritic(model, own, normalized, states, steps);
}

/** The mode of such a policy as parameters and a function, apart from any engine. */
export async function modeOf(
  model: ActorCritic,
  options: EnginePolicyOptions,
  groups: Readonly<Record<'policy' | 'normalizer', ParameterGroup>>,
): Promise<PolicyMode> {
  const parameters: [string, PolicyMode['parameters'][string]][] = [];
  for (const [name, group] of Object.entries(groups)) {
    const vector = await group.read();
    let offset = 0;
    for (const [parameter, shape] of Object.entries(group.shapes)) {
      const size = shape.reduce((product, n) => product * n, 1);
      parameters.push([`${name}:${parameter}`, { shape, data: vector.slice(offset, offset + size) }]);
      offset += size;
    }
  }
  return {
    parameters: Object.fromEntries(parameters),
    states: stateWidths(model),
    compute(tensors, observations, states) {
      const ofGroup = (group: string): Tensors =>
        Object.fromEntries(
          Object.entries(tensors)
            .filter(([name]) => name.startsWith(`${group}:`))
            .map(([name, tensor]) => [name.slice(group.length + 1), tensor]),
        );
      const byGroup = { policy: ofGroup('policy'), normalizer: ofGroup('normalizer') };
      const outputs = runPolicyNetworks(model, options, byGroup, observations, states);
      return { actions: model.distribution.modes(outputs.distributionInputs), states: outputs.states };
    },
  };
}
