import { performance } from 'node:perf_hooks';
import { NStepAccumulator } from '../../agents/index.ts';
import type { Random } from '../../common/random.ts';
import type { StateDict } from '../../common/state-dict.ts';
import { type Box, flatSize, type StepResult, type VectorEnv } from '../../envs/index.ts';
import { checkFinite } from '../check-finite.ts';
import type { BatchLearner } from '../learner.ts';
import { ChunkBuilder } from './chunk-builder.ts';
import { transitionLayout } from './layout.ts';

/** An episode under way. */
interface Episode {
  total: number;
  length: number;
  success: boolean;
}

/** What was done since it was asked last, ms. */
export interface Times {
  simulating: number;
  acting: number;
}

/**
 * Steps environments with one batched call of the policy, and gathers n-step transitions.
 *
 * All its randomness comes from the generator: the random actions of the beginning, the seeds of the episodes.
 */
export class Collector {
  readonly chunk: ChunkBuilder;
  /** Version of the weights in use; 0 before the first. */
  weights = 0;
  /** Its weights may change between any two steps, and it goes on with old ones. */
  readonly takesWeights = true;
  readonly waits = false;
  readonly times: Times = { simulating: 0, acting: 0 };
  private readonly envs: VectorEnv<Box, Box>;
  private readonly policy: BatchLearner;
  private readonly random: Random;
  private readonly maxEpisodeSteps: number;
  private readonly accumulators: readonly NStepAccumulator[];
  private readonly episodes: Episode[];
  private readonly actionSize: number;
  private steps = 0;

  constructor(envs: VectorEnv<Box, Box>, policy: BatchLearner, random: Random, maxEpisodeSteps: number) {
    this.envs = envs;
    this.policy = policy;
    this.random = random;
    this.maxEpisodeSteps = maxEpisodeSteps;
    this.actionSize = flatSize(envs.actionSpace);
    const sizes = { observationSize: flatSize(envs.observationSpace), actionSize: this.actionSize };
    this.chunk = new ChunkBuilder(transitionLayout(sizes));
    const { gamma, nStep } = policy.options;
    this.accumulators = envs.envs.map(
      () => new NStepAccumulator({ ...sizes, steps: nStep, gamma, buffer: this.chunk }),
    );
    this.episodes = envs.envs.map(() => ({ total: 0, length: 0, success: false }));
  }

  async start(): Promise<void> {
    await this.envs.reset(this.envs.envs.map(() => this.random.uint32()));
  }

  async setWeights(weights: StateDict, version: number): Promise<void> {
    await this.policy.setWeights(weights);
    this.weights = version;
  }

  /** The weights in use, as a learner would send them. */
  policyWeights(): Promise<StateDict> {
    return this.policy.getWeights();
  }

  /** Steps every environment once. Throws TrainingDivergedError where one returns what is not finite. */
  async step(): Promise<void> {
    const { envs, chunk } = this;
    const begun = performance.now();
    if (chunk.steps === 0) chunk.since = begun;
    const before = envs.observations.slice();
    const actions = await this.act(before);
    const acted = performance.now();
    this.times.acting += acted - begun;
    const results = await envs.step(actions);
    this.steps += envs.count;
    chunk.steps += envs.count;
    const size = before.length / envs.count;
    for (const [i, step] of results.entries()) {
      const observation = before.subarray(i * size, (i + 1) * size);
      const action = actions.subarray(i * this.actionSize, (i + 1) * this.actionSize);
      if (this.record(i, observation, action, step)) await envs.resetOne(i, { seed: this.random.uint32() });
    }
    this.times.simulating += performance.now() - acted;
  }

  private async act(observations: Float32Array): Promise<Float32Array> {
    const { envs, policy, random } = this;
    if (this.weights > 0) return (await policy.computeActions(observations, envs.count)).actions;
    return Float32Array.from({ length: envs.count * this.actionSize }, () => random.uniform(-1, 1));
  }

  /** Takes one environment's step in. Returns whether its episode is over. */
  private record(i: number, observation: Float32Array, action: Float32Array, step: StepResult<Box>): boolean {
    const episode = this.episodes[i] as Episode;
    const accumulator = this.accumulators[i] as NStepAccumulator;
    checkFinite(step, `Environment step ${this.steps} of a worker`);
    episode.length++;
    const truncated = step.truncated || (episode.length >= this.maxEpisodeSteps && !step.terminated);
    const { simulatorLost, diverged, success } = step.info;
    // What the action did is not known; with n-step returns those under way lack their last reward.
    if (simulatorLost !== undefined || diverged === true) accumulator.clear();
    else {
      // Named one by one: a spread makes the engine allocate a new hidden class each time, which only a full collection frees.
      const { reward, terminated, observation: nextObservation } = step;
      accumulator.add({ observation, action, reward, nextObservation, terminated, truncated });
    }
    episode.total += step.reward;
    episode.success ||= success === true;
    if (!step.terminated && !truncated) return false;
    const lost = typeof simulatorLost === 'string' ? simulatorLost.slice(0, 1000) : '';
    this.chunk.endEpisode([episode.total, episode.length, episode.success, lost]);
    this.episodes[i] = { total: 0, length: 0, success: false };
    return true;
  }
}
