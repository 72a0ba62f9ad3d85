import type * as tf from '@tensorflow/tfjs-core';
import { closeAll } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import type { Engine, Forward, ParameterGroup } from '../engine/index.ts';
import { type ActorCritic, stateWidths } from './actor-critic.ts';
import { runPolicyNetworks } from './engine-policy-networks.ts';
import type { EnginePolicyOptions } from './engine-policy-options.ts';
import type { ActionBatch } from './policy.ts';

export interface EngineActingParts {
  readonly engine: Engine;
  readonly model: ActorCritic;
  readonly options: EnginePolicyOptions;
  readonly groups: readonly ParameterGroup[];
}

/** The networks compiled for a number of observations, and the memory that their answer is given in. */
export interface Acting {
  readonly forward: Forward;
  readonly actions: Float32Array;
  readonly logProbabilities: Float32Array;
  /** Of the arrays above; whoever draws the actions fills the first two. */
  readonly result: ActionBatch;
}

/** Runs a policy's networks to act, compiled once for each number of observations. */
export class EngineActing {
  private readonly parts: EngineActingParts;
  private readonly compiled = new Map<number, Acting>();

  constructor(parts: EngineActingParts) {
    this.parts = parts;
  }

  /** Runs the networks; what they say is in the result's memory. Throws UsageError for arrays of other sizes. */
  async run(observations: Float32Array, count: number, stateBatches: readonly Float32Array[]): Promise<Acting> {
    const { model } = this.parts;
    const widths = stateWidths(model);
    if (observations.length !== count * model.observationSize)
      throw new UsageError(
        `Computing ${count} actions needs ${count} × ${model.observationSize} observed numbers, but got ${observations.length}.`,
      );
    if (stateBatches.length !== widths.length || widths.some((width, i) => stateBatches[i]?.length !== count * width))
      throw new UsageError(
        `Computing ${count} actions with memory needs states of ${widths.map(width => `${count} × ${width}`).join(', ') || 'no'} numbers, ` +
          `but got ${stateBatches.map(state => state.length).join(', ') || 'none'}. Begin with initialState().`,
      );
    const acting = this.compiled.get(count) ?? (await this.compile(count));
    const { inputs } = acting.forward;
    inputs.observations?.set(observations);
    for (const [i, state] of stateBatches.entries()) inputs[`state_in_${i}`]?.set(state);
    await acting.forward.run();
    return acting;
  }

  async close(): Promise<void> {
    const forwards = [...this.compiled.values()].map(({ forward }) => forward);
    this.compiled.clear();
    await closeAll(...forwards);
  }

  private async compile(count: number): Promise<Acting> {
    const { engine, model, options, groups } = this.parts;
    const widths = stateWidths(model);
    const forward = await engine.compileForward({
      groups,
      inputs: {
        observations: [count, model.observationSize],
        ...Object.fromEntries(widths.map((width, i) => [`state_in_${i}`, [count, width]])),
      },
      compute: (parameters, inputs) => {
        // The inputs are those declared above.
        const states = widths.map((_, i) => inputs[`state_in_${i}`] as tf.Tensor);
        const outputs = runPolicyNetworks(model, options, parameters, inputs.observations as tf.Tensor, states);
        return {
          distributionInputs: outputs.distributionInputs,
          ...(outputs.values === null ? {} : { values: outputs.values }),
          ...Object.fromEntries(outputs.states.map((state, i) => [`state_out_${i}`, state])),
        };
      },
    });
    const actions = new Float32Array(count * model.distribution.actionSize);
    const logProbabilities = new Float32Array(count);
    const { distributionInputs, values } = forward.outputs;
    const result: ActionBatch = {
      actions,
      stateBatches: widths.map((_, i) => forward.outputs[`state_out_${i}`] as Float32Array),
      extra: {
        actionLogProbabilities: logProbabilities,
        actionDistributionInputs: distributionInputs as Float32Array,
        ...(values === undefined ? {} : { valuePredictions: values }),
      },
    };
    const acting = { forward, actions, logProbabilities, result };
    this.compiled.set(count, acting);
    return acting;
  }
}
