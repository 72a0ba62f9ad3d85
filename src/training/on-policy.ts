import type { OnPolicy, SampleBatch } from '../agents/policy.ts';
import type { Random } from '../common/random.ts';
import type { StateDict } from '../common/state-dict.ts';
import type { Box, Space, VectorEnv } from '../envs/index.ts';
import { describeColumns } from './batch-statistics.ts';
import { RolloutSampler } from './rollout-sampler.ts';
import { asNumber, asState } from './state.ts';
import type { EpisodeResult, TrainingLoop } from './training-loop.ts';
import { concatenate } from './trajectories.ts';

export interface OnPolicyParts {
  /** Take normalized actions, or integers; as many as the policy's `rollout` asks for. */
  readonly envs: VectorEnv<Box, Space>;
  readonly policy: OnPolicy;
  /** Draws the seeds of episodes. */
  readonly random: Random;
  /** An episode is cut here where the environment does not end it. */
  readonly maxEpisodeSteps: number;
  /** How long training lasts, for schedules. */
  readonly totalSteps: number;
}

/** Bytes of the columns that every rollout has. */
export function rolloutBytes({ observationSize, actionSize, rollout }: OnPolicy): number {
  // Observations, actions and previous ones, and a handful of numbers a step.
  return 4 * rollout.timestepsPerBatch * (observationSize + 2 * actionSize + 8);
}

/**
 * On-policy learning in one process: environments are stepped together until there is a rollout, which is learned from
 * and forgotten. Its state can be taken between any two episodes.
 */
export class OnPolicyLearner implements TrainingLoop {
  readonly memory = 'rollout';
  episodes = 0;
  updates = 0;
  private readonly parts: OnPolicyParts;
  private readonly sampler: RolloutSampler;
  private last: SampleBatch | null = null;

  constructor(parts: OnPolicyParts) {
    this.parts = parts;
    this.sampler = new RolloutSampler({ ...parts, timesteps: parts.policy.rollout.timestepsPerBatch });
  }

  get envSteps(): number {
    return this.sampler.envSteps;
  }

  get memoryBytes(): number {
    return rolloutBytes(this.parts.policy);
  }

  describeBatch(): string {
    return describeColumns(this.last?.columns ?? {});
  }

  async runEpisode(onUpdate: (metrics: Readonly<Record<string, number>>) => void): Promise<EpisodeResult> {
    const { policy, totalSteps } = this.parts;
    for (;;) {
      const episode = this.sampler.ended.shift();
      if (episode !== undefined) {
        this.episodes++;
        return episode;
      }
      await this.sampler.step();
      if (!this.sampler.isFull) continue;
      this.last = concatenate(await this.sampler.take());
      policy.onProgress?.(this.envSteps, totalSteps);
      const metrics = await policy.learnOnBatch(this.last);
      onUpdate(metrics);
      this.updates += metrics.gradientSteps ?? 1;
    }
  }

  async getState(): Promise<StateDict> {
    return {
      episodes: this.episodes,
      updates: this.updates,
      policy: await this.parts.policy.getState(),
      sampler: this.sampler.getState(),
    };
  }

  async setState(state: StateDict): Promise<void> {
    this.episodes = asNumber(state, 'episodes');
    this.updates = asNumber(state, 'updates');
    await this.parts.policy.setState(asState(state, 'policy'));
    await this.sampler.setState(asState(state, 'sampler'));
  }
}
