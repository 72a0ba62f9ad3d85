import type { Engine, LossSpec, ParameterGroup, Update } from '../../engine/index.ts';
import type { TransitionBatch } from '../policy.ts';
import { actorLoss, criticLoss, type SacBatch, type SacParameters, temperatureLoss } from './losses.ts';
import type { SacNetworks } from './networks.ts';
import type { ResolvedSacOptions } from './options.ts';

export interface SacGroups {
  readonly actor: ParameterGroup;
  readonly critics: ParameterGroup;
  readonly targets: ParameterGroup;
  /** One number, log α. */
  readonly temperature: ParameterGroup;
}

export interface SacUpdateSpec {
  readonly engine: Engine;
  readonly networks: SacNetworks;
  readonly groups: SacGroups;
  readonly options: ResolvedSacOptions;
  readonly observationSize: number;
  readonly actionSize: number;
}

/**
 * The schedule of one update: critics first, then actor and temperature against the moved critics, then the targets;
 * and the update's memory as a batch of transitions.
 */
export async function compileSacUpdate(spec: SacUpdateSpec): Promise<{ update: Update; batch: TransitionBatch }> {
  const { engine, networks, groups, options, observationSize, actionSize } = spec;
  const size = options.batchSize;
  const { learningRate, learningRateHalving: halvingSteps } = options;
  const optimizer = { learningRate, ...(halvingSteps > 0 ? { halvingSteps } : {}) };
  const critic: LossSpec = {
    name: 'criticLoss',
    group: groups.critics,
    optimizer,
    // The engine hands over the groups and inputs declared below, whose names are those of these types.
    loss: (parameters, batch) => criticLoss(networks, options, parameters as SacParameters, batch as SacBatch),
  };
  const actor: LossSpec = {
    name: 'actorLoss',
    group: groups.actor,
    optimizer,
    loss: (parameters, batch) => actorLoss(networks, parameters as SacParameters, batch as SacBatch),
  };
  const temperature: LossSpec = {
    name: 'temperatureLoss',
    group: groups.temperature,
    optimizer,
    loss: (parameters, batch) => temperatureLoss(networks, options, parameters as SacParameters, batch as SacBatch),
  };
  const update = await engine.compileUpdate({
    groups: Object.values(groups),
    inputs: {
      observations: [size, observationSize],
      actions: [size, actionSize],
      rewards: [size, 1],
      nextObservations: [size, observationSize],
      discounts: [size, 1],
      noise: [size, actionSize],
      nextNoise: [size, actionSize],
    },
    stages: [[critic], options.automaticTemperature ? [actor, temperature] : [actor]],
    polyak: [{ target: groups.targets, source: groups.critics, rate: options.tau }],
  });
  // The names are those of `inputs` above.
  const batch = { size, ...update.inputs } as unknown as TransitionBatch;
  return { update, batch };
}
