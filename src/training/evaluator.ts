import type { Policy } from '../agents/index.ts';
import type { Box, Env, Space } from '../envs/index.ts';
import type { TrainConfig } from './config.ts';
import { type EvaluationResult, evaluate, pool } from './evaluate.ts';
import type { EvaluationRecord } from './metrics.ts';
import type { Stopwatch } from './stopwatch.ts';
import type { EvaluationSeeds } from './streams.ts';

export interface EvaluatorOptions {
  readonly config: TrainConfig;
  readonly policy: Policy;
  readonly env: Env<Box, Space>;
  readonly seeds: EvaluationSeeds;
  readonly signal: AbortSignal | undefined;
  /** The training's clock, which stands still meanwhile. */
  readonly clock: Stopwatch;
  readonly onRecord: (record: EvaluationRecord) => void;
}

/** An evaluation on the way, and what it means. */
export interface CheckedGoal {
  /** All its episodes. */
  readonly result: EvaluationResult;
  /** The success rate that was reached and confirmed; 0 where the goal was not. */
  readonly reached: number;
}

/** A training's evaluations: on their own environment, from their own seeds, outside the training's time. */
export class Evaluator {
  private readonly options: EvaluatorOptions;

  constructor(options: EvaluatorOptions) {
    this.options = options;
  }

  /**
   * The periodic evaluation, and the one that confirms it where it reached the goal; null where the signal cut it short.
   *
   * A few dozen episodes reach 99 % by luck now and then, and the more often they are tried, the likelier: so a
   * second evaluation, longer and on other episodes each time, must find the same.
   */
  async checkGoal(envSteps: number): Promise<CheckedGoal | null> {
    const { config, seeds } = this.options;
    const { untilSuccess, evalEpisodes, confirmEpisodes } = config;
    const first = await this.play('periodic', envSteps, evalEpisodes, seeds.periodic);
    if (first === null) return null;
    if (untilSuccess === 0 || first.successRate < untilSuccess) return { result: first, reached: 0 };
    if (confirmEpisodes === 0) return { result: first, reached: first.successRate };
    const second = await this.play(
      'confirmation',
      envSteps,
      confirmEpisodes,
      seeds.confirmation + envSteps,
      untilSuccess,
    );
    if (second === null) return null;
    return { result: pool(first, second), reached: second.successRate >= untilSuccess ? second.successRate : 0 };
  }

  /** The evaluation after training; null where none is wanted or the signal cut it short. */
  async final(envSteps: number): Promise<EvaluationResult | null> {
    const { config, seeds } = this.options;
    return config.finalEpisodes === 0 ? null : this.play('final', envSteps, config.finalEpisodes, seeds.final);
  }

  private async play(
    purpose: EvaluationRecord['purpose'],
    envSteps: number,
    episodes: number,
    seed: number,
    leastSuccessRate = 0,
  ): Promise<EvaluationResult | null> {
    const { config, policy, env, signal, clock, onRecord } = this.options;
    const { maxEpisodeSteps } = config;
    const running = clock.pause();
    try {
      const abort = signal === undefined ? {} : { signal };
      const result = await evaluate(policy, env, { episodes, seed, maxEpisodeSteps, leastSuccessRate, ...abort });
      onRecord({ type: 'evaluation', purpose, envSteps, seconds: clock.seconds, ...result });
      return result;
    } catch (error) {
      if (signal?.aborted) return null;
      throw error;
    } finally {
      if (running) clock.start();
    }
  }
}
