import { closeAll } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import type { Random } from '../common/random.ts';
import { randomFromState, randomToState } from '../common/random-state.ts';
import type { StateDict } from '../common/state-dict.ts';
import type { ParameterGroup } from '../engine/index.ts';
import {
  type ActorCritic,
  actorCritic,
  actorCriticShapes,
  initializeActorCritic,
  stateWidths,
} from './actor-critic.ts';
import { BasePolicy } from './base-policy.ts';
import { categorical, gaussian } from './distributions/index.ts';
import { EngineActing } from './engine-acting.ts';
import { EngineLearning } from './engine-learning.ts';
import { modeOf } from './engine-policy-networks.ts';
import { type EnginePolicyOptions, resolveEnginePolicyOptions, rolloutSpec } from './engine-policy-options.ts';
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
import { readGroups, writeGroups } from './sac/state.ts';

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
  private readonly model: ActorCritic;
  private readonly group: ParameterGroup;
  private readonly normalizer: ObservationNormalizer;
  private readonly acting: EngineActing;
  private readonly learning: EngineLearning<O>;
  private readonly random: Random;

  private constructor(spec: EnginePolicySpec<O>, { observationSize, actions, engine, random, options }: PolicyContext) {
    super();
    this.spec = spec;
    this.observationSize = observationSize;
    this.options = resolveEnginePolicyOptions<O>(spec.name, spec.options, spec.schema ?? {}, options);
    const distribution = actions.kind === 'box' ? gaussian(actions.size) : categorical(actions.n);
    this.actionSize = distribution.actionSize;
    this.model = actorCritic(observationSize, distribution, actions.kind === 'box', this.options);
    this.group = engine.createGroup('policy', actorCriticShapes(this.model));
    const statistics = engine.createGroup('normalizer', ObservationNormalizer.shapes(observationSize));
    this.normalizer = new ObservationNormalizer(statistics, observationSize);
    this.random = random.fork();
    this.acting = new EngineActing({ engine, model: this.model, options: this.options, groups: this.groups });
    this.learning = new EngineLearning({
      spec,
      options: this.options,
      model: this.model,
      engine,
      groups: this.groups,
      random: random.fork(),
    });
    this.rollout = rolloutSpec(this.options);
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
    const { forward, actions, logProbabilities, result } = await this.acting.run(observations, count, stateBatches);
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
    const { forward } = await this.acting.run(observations, count, stateBatches);
    return distribution.logLikelihoods(forward.outputs.distributionInputs as Float32Array, actions, count);
  }

  /** V(s) of `count` observations, `[count]`. Throws UsageError where there is no critic. */
  async computeValues(
    observations: Float32Array,
    count: number,
    stateBatches: readonly Float32Array[] = [],
  ): Promise<Float32Array> {
    const { values } = (await this.acting.run(observations, count, stateBatches)).forward.outputs;
    if (values === undefined)
      throw new UsageError(`${this.spec.name} has no critic. Set its option valueFunction to have one.`);
    return values.slice();
  }

  /** With memory it has no opinion of a step by itself. The value is in the units it learned in, such as scaled rewards. */
  async inspect(observation: Float32Array) {
    if (this.model.core !== null) return { value: null, deviation: null };
    const { outputs } = (await this.acting.run(observation, 1, [])).forward;
    const inputs = outputs.distributionInputs as Float32Array; // Named where it was compiled.
    const deviation = this.model.continuous ? Array.from(inputs.slice(this.actionSize), Math.exp) : null;
    return { value: outputs.values?.[0] ?? null, deviation };
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
    await closeAll(this.learning, this.acting);
  }
}
