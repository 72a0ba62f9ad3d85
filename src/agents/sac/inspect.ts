import type { Engine, Forward, ParameterGroup } from '../../engine/index.ts';
import { actionDistribution, criticValues, type SacNetworks, smallestValue } from './networks.ts';

/** What a policy thinks of one step, for people. */
export interface Inspection {
  /** The smallest of the critics' values of the observation and the action. */
  readonly value: number;
  /** Standard deviation of each number of the action, before squashing. */
  readonly deviation: readonly number[];
}

/** Looks into actor and critics for one step; compiled when it is first asked. */
export class SacInspector {
  private readonly forward: Forward;

  private constructor(forward: Forward) {
    this.forward = forward;
  }

  static async create(
    engine: Engine,
    networks: SacNetworks,
    { actor, critics }: { readonly actor: ParameterGroup; readonly critics: ParameterGroup },
    { observationSize, actionSize }: { readonly observationSize: number; readonly actionSize: number },
  ): Promise<SacInspector> {
    const forward = await engine.compileForward({
      groups: [actor, critics],
      inputs: { observation: [1, observationSize], action: [1, actionSize] },
      // The groups and inputs were named just above.
      compute: (parameters, inputs) => {
        const observation = inputs.observation as NonNullable<typeof inputs.observation>;
        const action = inputs.action as NonNullable<typeof inputs.action>;
        const { logStandardDeviation } = actionDistribution(
          networks,
          parameters.actor as NonNullable<typeof parameters.actor>,
          observation,
        );
        const ofCritics = parameters.critics as NonNullable<typeof parameters.critics>;
        return { logStandardDeviation, value: smallestValue(criticValues(networks, ofCritics, observation, action)) };
      },
    });
    return new SacInspector(forward);
  }

  /** @param observation `[observation]` @param action `[action]` */
  async inspect(observation: Float32Array, action: Float32Array): Promise<Inspection> {
    const inputs = this.forward.inputs as Record<'observation' | 'action', Float32Array>; // Named in create.
    inputs.observation.set(observation);
    inputs.action.set(action);
    await this.forward.run();
    const { value, logStandardDeviation } = this.forward.outputs as Record<
      'value' | 'logStandardDeviation',
      Float32Array
    >; // As above.
    return { value: value[0] as number, deviation: Array.from(logStandardDeviation, Math.exp) };
  }

  close(): Promise<void> {
    return this.forward.close();
  }
}
