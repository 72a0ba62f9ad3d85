/**
 * A policy written from scratch, without the engine: a logistic one with two actions, whose memory is what it saw last.
 *
 *     graspbridge train --policy examples/remembering.ts --env CartPoleMasked-v1 --steps 40000
 *
 * It shows what any class must say: how it acts, what it remembers (`state_in_0`, `state_out_0`), what else travels
 * with each step into the training batch (`features`, `probabilities`), how it learns, and what its weights are.
 */
import {
  type ActionBatch,
  BasePolicy,
  type ComputeActionsOptions,
  type OnPolicy,
  type PolicyContext,
  type Random,
  rewardsToGo,
  type SampleBatch,
  type StateDict,
  standardize,
  type Trajectory,
  UsageError,
} from 'graspbridge';

class RememberingPolicy extends BasePolicy implements OnPolicy {
  readonly actionSize = 1;
  readonly rollout = { timestepsPerBatch: 1000, environments: 2, completeEpisodes: true };
  readonly observationSize: number;
  private readonly random: Random;
  /** One for each number seen, and for how much each has changed. */
  private readonly weights: Float32Array;

  constructor({ observationSize, random }: PolicyContext) {
    super();
    this.observationSize = observationSize;
    this.random = random;
    this.weights = new Float32Array(2 * observationSize);
  }

  override initialState(): Float32Array[] {
    return [new Float32Array(this.observationSize)];
  }

  async computeActions(
    observations: Float32Array,
    count: number,
    { deterministic = false, stateBatches = [], episodes = [] }: ComputeActionsOptions = {},
  ): Promise<ActionBatch> {
    const size = this.observationSize;
    const [before = new Float32Array(observations.length)] = stateBatches;
    const features = new Float32Array(2 * observations.length);
    const probabilities = new Float32Array(count);
    const actions = new Float32Array(count);
    for (let row = 0; row < count; row++) {
      let logit = 0;
      for (let i = 0; i < size; i++) {
        const now = observations[row * size + i] ?? 0;
        // Nothing has changed yet where an episode begins.
        const change = episodes[row]?.length === 0 ? 0 : now - (before[row * size + i] ?? 0);
        features.set([10 * now, 100 * change], 2 * (row * size + i));
        logit += (this.weights[2 * i] ?? 0) * 10 * now + (this.weights[2 * i + 1] ?? 0) * 100 * change;
      }
      const probability = 1 / (1 + Math.exp(-logit));
      probabilities[row] = probability;
      actions[row] = (deterministic ? 0.5 : this.random.uniform()) < probability ? 1 : 0;
    }
    return { actions, stateBatches: [observations.slice()], extra: { features, probabilities } };
  }

  override async postprocessTrajectory(trajectory: Trajectory): Promise<Trajectory> {
    const { rewards = new Float32Array() } = trajectory.columns;
    const returns = rewardsToGo({ rewards, gamma: 0.98, lastValue: 0 });
    return { ...trajectory, columns: { ...trajectory.columns, returns } };
  }

  /** ∇ log π(a|s) = (a − p) φ(s), times the return. */
  async learnOnBatch({ size, columns }: SampleBatch): Promise<Record<string, number>> {
    const { features, probabilities, actions, returns } = columns;
    if (!features || !probabilities || !actions || !returns) throw new UsageError('The batch lacks a column.');
    const weights = this.weights.length;
    const worth = standardize(returns);
    for (let i = 0; i < weights; i++) {
      let gradient = 0;
      for (let row = 0; row < size; row++)
        gradient +=
          ((actions[row] ?? 0) - (probabilities[row] ?? 0)) * (worth[row] ?? 0) * (features[row * weights + i] ?? 0);
      this.weights[i] = (this.weights[i] ?? 0) + (0.3 * gradient) / size;
    }
    return { meanReturnToGo: returns.reduce((sum, value) => sum + value, 0) / size };
  }

  async getWeights(): Promise<StateDict> {
    return { weights: this.weights.slice() };
  }

  async setWeights({ weights }: StateDict): Promise<void> {
    if (!(weights instanceof Float32Array) || weights.length !== this.weights.length)
      throw new UsageError('These weights are not of this policy.');
    this.weights.set(weights);
  }

  /** To go on exactly where it was, it needs its generator too. */
  override async getState(): Promise<StateDict> {
    const { words, spareNormal } = this.random.getState();
    return { ...(await this.getWeights()), words: [...words], spareNormal };
  }

  override async setState(state: StateDict): Promise<void> {
    await this.setWeights(state);
    const [a = 0, b = 0, c = 0, counter = 0] = state.words as number[]; // As getState wrote them.
    this.random.setState({ words: [a, b, c, counter], spareNormal: state.spareNormal as number | null });
  }
}

export default {
  kind: 'on-policy' as const,
  name: 'remembering',
  async create(context: PolicyContext): Promise<OnPolicy> {
    if (context.actions.kind !== 'discrete' || context.actions.n !== 2)
      throw new UsageError('This policy chooses between two actions. Train it in CartPoleMasked-v1.');
    return new RememberingPolicy(context);
  },
};
