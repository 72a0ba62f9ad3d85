import { performance } from 'node:perf_hooks';
import type { OnPolicy } from '../../agents/index.ts';
import { joinFloats } from '../../common/join-floats.ts';
import type { Random } from '../../common/random.ts';
import type { StateDict } from '../../common/state-dict.ts';
import type { Box, Space, VectorEnv } from '../../envs/index.ts';
import { RolloutSampler } from '../rollout-sampler.ts';
import type { Chunk, EndedEpisode } from './chunk-builder.ts';
import type { Times } from './collector.ts';
import { columnsOf } from './rollout-columns.ts';

/** One finished rollout, waiting to be sent. */
class RolloutChunk {
  steps = 0;
  /** Never too old: a rollout is sent when it is whole. */
  readonly since = Number.POSITIVE_INFINITY;
  private rows = 0;
  private episodes: EndedEpisode[] = [];
  private payload = new Uint8Array();

  fill(steps: number, rows: number, episodes: EndedEpisode[], columns: readonly Float32Array[]): void {
    this.steps = steps;
    this.rows = rows;
    this.episodes = episodes;
    this.payload = new Uint8Array(joinFloats(columns).buffer);
  }

  seal(weights: number): Chunk {
    const { steps, rows, episodes, payload } = this;
    this.fill(0, 0, [], []);
    return { steps, rows, weights, episodes, payload };
  }
}

/**
 * Gathers one rollout for each version of the weights, post-processed by the policy that acted; then it waits for the
 * next version, so that weights and rollouts stay in step.
 */
export class RolloutCollector {
  readonly chunk = new RolloutChunk();
  /** Version of the weights in use; 0 before the first. */
  weights = 0;
  /** Whether the rollout of the present weights is made. */
  waits = true;
  readonly times: Times = { simulating: 0, acting: 0 };
  private readonly policy: OnPolicy;
  private readonly sampler: RolloutSampler;
  private sent = 0;

  /** @param timesteps of one rollout: this worker's share of a batch. */
  constructor(
    envs: VectorEnv<Box, Space>,
    policy: OnPolicy,
    random: Random,
    maxEpisodeSteps: number,
    timesteps: number,
  ) {
    this.policy = policy;
    this.sampler = new RolloutSampler({ envs, policy, random, maxEpisodeSteps, timesteps });
  }

  get takesWeights(): boolean {
    return this.waits;
  }

  /** Episodes begin with the first step. */
  async start(): Promise<void> {}

  async setWeights(weights: StateDict, version: number): Promise<void> {
    await this.policy.setWeights(weights);
    this.weights = version;
    this.waits = false;
  }

  policyWeights(): Promise<StateDict> {
    return this.policy.getWeights();
  }

  /** Steps every environment once. Throws TrainingDivergedError where one returns what is not finite. */
  async step(): Promise<void> {
    const begun = performance.now();
    const { sampler } = this;
    await sampler.step();
    if (sampler.isFull) {
      const { size, columns } = columnsOf(await sampler.take());
      const episodes = sampler.ended.map(
        ({ return: total, length, success, simulatorLost }): EndedEpisode => [
          total,
          length,
          success,
          (simulatorLost ?? '').slice(0, 1000),
        ],
      );
      sampler.ended = [];
      this.chunk.fill(sampler.envSteps - this.sent, size, episodes, Object.values(columns));
      this.sent = sampler.envSteps;
      this.waits = true;
    }
    this.times.simulating += performance.now() - begun;
  }
}
