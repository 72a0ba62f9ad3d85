import { closeAll } from '../../common/close-all.ts';
import { UsageError } from '../../common/errors.ts';
import type { Random } from '../../common/random.ts';
import { randomFromState, randomToState } from '../../common/random-state.ts';
import type { StateDict } from '../../common/state-dict.ts';
import type { Engine, Forward, ParameterGroup, Update } from '../../engine/index.ts';
import { BasePolicy } from '../base-policy.ts';
import { squashedGaussianLogProbabilities } from '../distributions/index.ts';
import { initializePerceptron, perceptronShapes } from '../networks.ts';
import { fillStandardNormal } from '../noise.ts';
import type { ActionBatch, ComputeActionsOptions, PolicyGradients, PolicyMode, TransitionBatch } from '../policy.ts';
import { copyBatch } from './batch.ts';
import { Cloning } from './cloning.ts';
import { type Inspection, SacInspector } from './inspect.ts';
import { sacMode } from './mode.ts';
import { actionDistribution, criticPrefixes, type SacNetworks, sacNetworks } from './networks.ts';
import { type ResolvedSacOptions, resolveSacOptions, type SacOptions } from './options.ts';
import { readCount, readGroups, writeGroups } from './state.ts';
import { compileSacUpdate, type SacGroups } from './update.ts';

export interface CreateSacOptions {
  readonly observationSize: number;
  readonly actionSize: number;
  readonly engine: Engine;
  /** Seeds the parameters and the noise; advances by a few draws. */
  readonly random: Random;
  /** Checked here; see options.ts. */
  readonly options?: SacOptions | Readonly<Record<string, unknown>>;
}

/** A compiled distribution over actions, for one number of observations. */
interface Acting {
  readonly forward: Forward;
  readonly actions: Float32Array;
  readonly result: ActionBatch;
}

/**
 * Soft actor-critic: any number of critics with target networks, a squashed Gaussian actor, a temperature that
 * follows the target entropy. One update moves the critics, then the actor and the temperature, then the targets.
 *
 * ```ts
 * replay.sampleInto(policy.batch, random);
 * const metrics = await policy.learnOnBatch(policy.batch);
 * ```
 *
 * Source: Haarnoja et al. 2018, https://arxiv.org/abs/1812.05905
 */
export class SacPolicy extends BasePolicy<TransitionBatch> {
  readonly observationSize: number;
  readonly actionSize: number;
  /** Every option with its value. */
  readonly options: ResolvedSacOptions;
  /** The update's own memory: fill it and hand it to `learnOnBatch`, and nothing is copied. */
  readonly batch: TransitionBatch;
  private readonly engine: Engine;
  private readonly networks: SacNetworks;
  private readonly groups: SacGroups;
  private readonly update: Update;
  private readonly random: Random;
  private readonly acting = new Map<number, Acting>();
  private inspector: SacInspector | null = null;
  private cloning: Cloning | null = null;
  private updates = 0;

  constructor(
    { observationSize, actionSize, engine }: CreateSacOptions,
    parts: {
      options: ResolvedSacOptions;
      networks: SacNetworks;
      groups: SacGroups;
      update: Update;
      batch: TransitionBatch;
      random: Random;
    },
  ) {
    super();
    this.observationSize = observationSize;
    this.actionSize = actionSize;
    this.engine = engine;
    this.options = parts.options;
    this.networks = parts.networks;
    this.groups = parts.groups;
    this.update = parts.update;
    this.batch = parts.batch;
    this.random = parts.random;
  }

  async computeActions(
    observations: Float32Array,
    count: number,
    { deterministic = false }: ComputeActionsOptions = {},
  ): Promise<ActionBatch> {
    const { forward, actions, result } = await this.run(observations, count);
    // Two dozen numbers: squashed here they cost less than five more nodes in the graph would.
    const { mean, logStandardDeviation } = forward.outputs as Record<'mean' | 'logStandardDeviation', Float32Array>;
    const shared = this.options.sharedNoise && !deterministic ? this.random.normal() : null;
    for (let i = 0; i < actions.length; i++) {
      const noise = deterministic ? 0 : (shared ?? this.random.normal());
      actions[i] = Math.tanh(
        (mean[i] as number) + (noise === 0 ? 0 : Math.exp(logStandardDeviation[i] as number) * noise),
      );
    }
    return result;
  }

  override async computeLogLikelihoods(
    actions: Float32Array,
    observations: Float32Array,
    count: number,
  ): Promise<Float32Array> {
    if (actions.length !== count * this.actionSize)
      throw new UsageError(
        `The log-likelihoods of ${count} actions need ${count} × ${this.actionSize} numbers, but got ${actions.length}.`,
      );
    const { forward } = await this.run(observations, count);
    const { mean, logStandardDeviation } = forward.outputs as Record<'mean' | 'logStandardDeviation', Float32Array>;
    return squashedGaussianLogProbabilities(mean, logStandardDeviation, actions, count);
  }

  async learnOnBatch(batch: TransitionBatch): Promise<Readonly<Record<string, number>>> {
    this.fill(batch);
    const actorMoves = this.updates++ % this.options.actorInterval === 0;
    return this.update.run(actorMoves ? undefined : 1);
  }

  /**
   * Makes the batch's actions likelier under the actor (behaviour cloning); only its observations and actions count. The
   * optimizer is apart from that of `learnOnBatch`, and no part of the state.
   */
  async cloneOnBatch(batch: TransitionBatch): Promise<Readonly<Record<string, number>>> {
    if (batch !== this.batch) copyBatch(batch, this.batch);
    this.cloning ??= await Cloning.create({
      ...{ engine: this.engine, networks: this.networks, actor: this.groups.actor, options: this.options },
      ...{ observationSize: this.observationSize, actionSize: this.actionSize },
    });
    return this.cloning.run(this.batch);
  }

  /** All at the present parameters, where `learnOnBatch` takes the actor's after the critics moved. */
  override computeGradients(batch: TransitionBatch): Promise<PolicyGradients> {
    this.fill(batch);
    return this.update.computeGradients();
  }

  override applyGradients(gradients: PolicyGradients['gradients']): Promise<void> {
    this.updates++;
    return this.update.applyGradients(gradients);
  }

  override async exportModel(): Promise<PolicyMode> {
    return sacMode(this, await this.getWeights());
  }

  /** Puts a batch, and fresh noise, into the update's memory. */
  private fill(batch: TransitionBatch): void {
    if (batch !== this.batch) copyBatch(batch, this.batch);
    const { noise, nextNoise } = this.update.inputs as Record<'noise' | 'nextNoise', Float32Array>;
    if (this.options.sharedNoise) {
      nextNoise.fill(this.random.normal());
      noise.fill(this.random.normal());
    } else {
      fillStandardNormal(this.random, nextNoise);
      fillStandardNormal(this.random, noise);
    }
  }

  async getWeights(): Promise<StateDict> {
    return readGroups({ actor: this.groups.actor });
  }

  async setWeights(weights: StateDict): Promise<void> {
    await writeGroups({ actor: this.groups.actor }, weights);
  }

  override async getState(): Promise<StateDict> {
    return {
      parameters: await readGroups({ ...this.groups }),
      optimizers: await this.update.getState(),
      updates: this.updates,
      random: randomToState(this.random),
    };
  }

  override async setState(state: StateDict): Promise<void> {
    const updates = readCount(state.updates);
    await writeGroups({ ...this.groups }, state.parameters);
    await this.update.setState(state.optimizers as StateDict);
    randomFromState(this.random, state.random);
    this.updates = updates;
  }

  override async close(): Promise<void> {
    const { update, inspector, cloning } = this;
    const forwards = [...this.acting.values()].map(({ forward }) => forward);
    this.acting.clear();
    this.inspector = null;
    this.cloning = null;
    await closeAll(update, ...forwards, inspector, cloning);
  }

  /** What the critics expect of one step, and how sure the actor is of it; for people who watch. */
  async inspect(observation: Float32Array, action: Float32Array): Promise<Inspection> {
    this.inspector ??= await SacInspector.create(this.engine, this.networks, this.groups, this);
    return this.inspector.inspect(observation, action);
  }

  /** Runs the actor on the observations. */
  private async run(observations: Float32Array, count: number): Promise<Acting> {
    if (observations.length !== count * this.observationSize)
      throw new UsageError(
        `Computing ${count} actions needs ${count} × ${this.observationSize} observed numbers, but got ${observations.length}.`,
      );
    const acting = this.acting.get(count) ?? (await this.compileActing(count));
    const { observations: input } = acting.forward.inputs as { observations: Float32Array };
    input.set(observations);
    await acting.forward.run();
    return acting;
  }

  private async compileActing(count: number): Promise<Acting> {
    const { actor } = this.groups;
    const forward = await this.engine.compileForward({
      groups: [actor],
      inputs: { observations: [count, this.observationSize] },
      compute: (parameters, inputs) => ({
        // The group and the input were named two lines above.
        ...actionDistribution(
          this.networks,
          parameters.actor as NonNullable<typeof parameters.actor>,
          inputs.observations as NonNullable<typeof inputs.observations>,
        ),
      }),
    });
    const actions = new Float32Array(count * this.actionSize);
    const acting = { forward, actions, result: { actions, stateBatches: [], extra: {} } };
    this.acting.set(count, acting);
    return acting;
  }
}

/**
 * A soft actor-critic on an engine, its parameters drawn from `random`.
 *
 * @throws UsageError for unknown or wrong options
 */
export async function createSac(given: CreateSacOptions): Promise<SacPolicy> {
  const { observationSize, actionSize, engine, random } = given;
  const options = resolveSacOptions(given.options, actionSize);
  const networks = sacNetworks(observationSize, actionSize, options);
  const prefixes = criticPrefixes(networks);
  const criticShapes = Object.assign({}, ...prefixes.map(prefix => perceptronShapes(networks.critic, prefix)));
  const groups: Record<keyof SacGroups, ParameterGroup> = {
    actor: engine.createGroup('actor', perceptronShapes(networks.actor)),
    critics: engine.createGroup('critics', criticShapes),
    targets: engine.createGroup('targets', criticShapes),
    temperature: engine.createGroup('temperature', { logAlpha: [] }),
  };
  const start = { hidden: options.initialization, lastBound: options.lastLayerBound };
  await groups.actor.write(initializePerceptron(networks.actor, start, random));
  const critics = Float32Array.from(prefixes.flatMap(() => [...initializePerceptron(networks.critic, start, random)]));
  await groups.critics.write(critics);
  await groups.targets.write(critics);
  await groups.temperature.write(Float32Array.of(Math.log(options.initialTemperature)));
  const { update, batch } = await compileSacUpdate({ engine, networks, groups, options, observationSize, actionSize });
  return new SacPolicy(given, { options, networks, groups, update, batch, random: random.fork() });
}
