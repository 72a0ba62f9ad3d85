import type * as tf from '@tensorflow/tfjs-core';
import { UsageError } from '../common/errors.ts';
import type { Random } from '../common/random.ts';
import type { StateDict } from '../common/state-dict.ts';
import type { Engine, Forward, ParameterGroup, Tensors } from '../engine/index.ts';
import {
  type ActorCritic,
  actorCritic,
  actorCriticShapes,
  initializeActorCritic,
  stateWidths,
} from './actor-critic.ts';
import { BasePolicy } from './base-policy.ts';
import { categorical, gaussian } from './distributions/index.ts';
import { EngineLearning } from './engine-learning.ts';
import { modeOf, runPolicyNetworks } from './engine-policy-networks.ts';
import { type EnginePolicyOptions, resolveEnginePolicyOptions } from './engine-policy-options.ts';
import type { EnginePolicySpec, PolicyContext } from './engine-policy-spec.ts';
import { ObservationNormalizer } from './observation-normalizer.ts';
import type {
  ActionBatch,
  ComputeActionsOptions,
  OnPolicy,
  PolicyGradients,
  PolicyMode,
  RolloutSpec,
  SampleBatch,
  Trajectory,
} from './policy.ts';
import { randomFromState, randomToState } from './random-state.ts';
import { readGroups, writeGroups } from './sac/state.ts';

/** The networks compiled for a number of observations. */
interface Acting {
  readonly forward: Forward;
  readonly actions: Float32Array;
  readonly logProbabilities: Float32Array;
  readonly result: ActionBatch;
}

/**
 * A policy made of losses: actor, critic and memory as the options say, acting by samples of their distribution,
 * learning by mini-batches of whole rollouts.
 *
 * Its extra outputs are `actionLogProbabilities`, `actionDistributionInputs` and, with a critic, `valuePredictions`.
 */
export class EnginePolicy<O extends object> extends BasePolicy<SampleBatch> implements OnPolicy {
  readonly observationSize: number;
  readonly actionSize: number;
  readonly options: EnginePolicyOptions & O;
  readonly rollout: RolloutSpec;
  private readonly spec: EnginePolicySpec<O>;
  private readonly engine: Engine;
  private readonly model: ActorCritic;
  private readonly group: ParameterGroup;
  private readonly normalizer: ObservationNormalizer;
  private readonly learning: EngineLearning<O>;
  private readonly random: Random;
  private readonly acting = new Map<number, Acting>();

  private constructor(spec: EnginePolicySpec<O>, { observationSize, actions, engine, random, options }: PolicyContext) {
    super();
    this.spec = spec;
    this.engine = engine;
    this.observationSize = observationSize;
    this.options = resolveEnginePolicyOptions<O>(spec.name, spec.options, spec.schema ?? {}, options);
    const distribution = actions.kind === 'box' ? gaussian(actions.size) : categorical(actions.n);
    this.actionSize = distribution.actionSize;
    this.model = actorCritic(observationSize, distribution, actions.kind === 'box', this.options);
    this.group = engine.createGroup('policy', actorCriticShapes(this.model));
    const statistics = engine.createGroup('normalizer', ObservationNormalizer.shapes(observationSize));
    this.normalizer = new ObservationNormalizer(statistics, observationSize);
    this.random = random.fork();
    this.learning = new EngineLearning({
      spec,
      options: this.options,
      model: this.model,
      engine,
      groups: this.groups,
      random: random.fork(),
    });
    const { timestepsPerBatch, environments, maxTimestepsPerEpisode, completeEpisodes } = this.options;
    this.rollout = {
      timestepsPerBatch,
      environments,
      maxTimestepsPerEpisode: maxTimestepsPerEpisode === 0 ? undefined : maxTimestepsPerEpisode,
      completeEpisodes,
    };
  }

  static async create<O extends object>(spec: EnginePolicySpec<O>, context: PolicyContext): Promise<EnginePolicy<O>> {
    const start = context.random.fork();
    const policy = new EnginePolicy(spec, context);
    await policy.group.write(initializeActorCritic(policy.model, start));
    await policy.normalizer.write();
    return policy;
  }

  private get groups(): readonly ParameterGroup[] {
    return [this.group, this.normalizer.group];
  }

  override initialState(): readonly Float32Array[] {
    return stateWidths(this.model).map(width => new Float32Array(width));
  }

  async computeActions(
    observations: Float32Array,
    count: number,
    { deterministic = false, stateBatches = [] }: ComputeActionsOptions = {},
  ): Promise<ActionBatch> {
    const { forward, actions, logProbabilities, result } = await this.run(observations, count, stateBatches);
    const inputs = forward.outputs.distributionInputs as Float32Array; // Named where it was compiled.
    this.model.distribution.draw(inputs, count, deterministic ? null : this.random, actions, logProbabilities);
    return result;
  }

  override async computeLogLikelihoods(
    actions: Float32Array,
    observations: Float32Array,
    count: number,
    { stateBatches = [] }: ComputeActionsOptions = {},
  ): Promise<Float32Array> {
    const { distribution } = this.model;
    if (actions.length !== count * this.actionSize)
      throw new UsageError(
        `The log-likelihoods of ${count} actions need ${count} × ${this.actionSize} numbers, but got ${actions.length}.`,
      );
    const { forward } = await this.run(observations, count, stateBatches);
    const given = (forward.outputs.distributionInputs as Float32Array).slice(); // Named where it was compiled.
    const likelihoods = await this.engine.compileForward({
      groups: [],
      inputs: { inputs: [count, distribution.inputSize], actions: [count, this.actionSize] },
      compute: (_, x) => ({ result: distribution.logProbabilities(x.inputs as tf.Tensor, x.actions as tf.Tensor) }),
    });
    try {
      likelihoods.inputs.inputs?.set(given);
      likelihoods.inputs.actions?.set(actions);
      await likelihoods.run();
      return (likelihoods.outputs.result as Float32Array).slice();
    } finally {
      await likelihoods.close();
    }
  }

  /** V(s) of `count` observations, `[count]`. Throws UsageError where there is no critic. */
  async computeValues(
    observations: Float32Array,
    count: number,
    stateBatches: readonly Float32Array[] = [],
  ): Promise<Float32Array> {
    const { values } = (await this.run(observations, count, stateBatches)).forward.outputs;
    if (values === undefined)
      throw new UsageError(`${this.spec.name} has no critic. Set its option valueFunction to have one.`);
    return values.slice();
  }

  override async postprocessTrajectory(trajectory: Trajectory): Promise<Trajectory> {
    const added = await this.spec.postprocessTrajectory?.(trajectory, {
      options: this.options,
      lastValue: async () => {
        if (trajectory.terminated) return 0;
        const [value = 0] = await this.computeValues(trajectory.nextObservation, 1, trajectory.nextStates);
        return value;
      },
    });
    return { ...trajectory, columns: { ...trajectory.columns, ...added } };
  }

  onProgress(envSteps: number, totalSteps: number): void {
    const left = Math.max(0, 1 - envSteps / totalSteps);
    this.learning.learningRateScale = this.options.learningRateDecay === 'linear' ? left : 1;
  }

  async learnOnBatch(batch: SampleBatch): Promise<Readonly<Record<string, number>>> {
    const metrics = await this.learning.learn(batch);
    if (this.options.normalizeObservations) await this.normalizer.add(batch.columns.observations as Float32Array);
    return metrics;
  }

  override computeGradients(batch: SampleBatch): Promise<PolicyGradients> {
    return this.learning.computeGradients(batch);
  }

  override applyGradients(gradients: PolicyGradients['gradients']): Promise<void> {
    return this.learning.applyGradients(gradients);
  }

  getWeights(): Promise<StateDict> {
    return readGroups({ policy: this.group, normalizer: this.normalizer.group });
  }

  setWeights(weights: StateDict): Promise<void> {
    return writeGroups({ policy: this.group, normalizer: this.normalizer.group }, weights);
  }

  override async getState(): Promise<StateDict> {
    return {
      parameters: await readGroups({ policy: this.group }),
      normalizer: this.normalizer.getState(),
      learning: await this.learning.getState(),
      random: randomToState(this.random),
    };
  }

  override async setState({ parameters, normalizer, learning, random }: StateDict): Promise<void> {
    await writeGroups({ policy: this.group }, parameters);
    await this.normalizer.setState(normalizer as StateDict); // Checked there, like the next two.
    await this.learning.setState(learning as StateDict);
    randomFromState(this.random, random);
  }

  override async exportModel(): Promise<PolicyMode> {
    return modeOf(this.model, this.options, { policy: this.group, normalizer: this.normalizer.group });
  }

  override async close(): Promise<void> {
    await this.learning.close();
    for (const { forward } of this.acting.values()) await forward.close();
    this.acting.clear();
  }

  /** Runs the networks on the observations; what they say is in the result's memory. */
  private async run(observations: Float32Array, count: number, stateBatches: readonly Float32Array[]): Promise<Acting> {
    const widths = stateWidths(this.model);
    if (observations.length !== count * this.observationSize)
      throw new UsageError(
        `Computing ${count} actions needs ${count} × ${this.observationSize} observed numbers, but got ${observations.length}.`,
      );
    if (stateBatches.length !== widths.length || widths.some((width, i) => stateBatches[i]?.length !== count * width))
      throw new UsageError(
        `Computing ${count} actions with memory needs states of ${widths.map(width => `${count} × ${width}`).join(', ') || 'no'} numbers, ` +
          `but got ${stateBatches.map(state => state.length).join(', ') || 'none'}. Begin with initialState().`,
      );
    const acting = this.acting.get(count) ?? (await this.compileActing(count));
    const { inputs } = acting.forward;
    inputs.observations?.set(observations);
    for (const [i, state] of stateBatches.entries()) inputs[`state_in_${i}`]?.set(state);
    await acting.forward.run();
    return acting;
  }

  private async compileActing(count: number): Promise<Acting> {
    const widths = stateWidths(this.model);
    const forward = await this.engine.compileForward({
      groups: this.groups,
      inputs: {
        observations: [count, this.observationSize],
        ...Object.fromEntries(widths.map((width, i) => [`state_in_${i}`, [count, width]])),
      },
      compute: (parameters, inputs) => {
        const states = widths.map((_, i) => inputs[`state_in_${i}`] as tf.Tensor);
        const given = inputs.observations as tf.Tensor;
        const outputs = runPolicyNetworks(this.model, this.options, parameters, given, states);
        return {
          distributionInputs: outputs.distributionInputs,
          ...(outputs.values === null ? {} : { values: outputs.values }),
          ...named(outputs.states),
        };
      },
    });
    const actions = new Float32Array(count * this.actionSize);
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
    this.acting.set(count, acting);
    return acting;
  }
}

function named(states: readonly tf.Tensor[]): Tensors {
  return Object.fromEntries(states.map((state, i) => [`state_out_${i}`, state]));
}
