import type { Policy } from '../agents/policy.ts';
import { Random } from '../common/random.ts';
import type { Env } from '../envs/env.ts';
import type { Box, Space } from '../envs/spaces.ts';
import { toEnvAction } from './env-actions.ts';
import { type Interval, mean, wilsonInterval } from './statistics.ts';

export interface EvaluatedEpisode {
  /** Counted from 0. */
  readonly index: number;
  /** What the environment was reset with. */
  readonly seed: number;
  /** Sum of the rewards, undiscounted. */
  readonly return: number;
  /** Steps. */
  readonly length: number;
  readonly success: boolean;
  /** False if no step of it said whether it succeeded: then `success` says nothing. */
  readonly successReported?: boolean;
}

export interface EvaluationResult {
  readonly episodes: number;
  readonly successRate: number;
  /** Wilson's 95 % interval of the success rate. */
  readonly successInterval: Interval;
  readonly meanReturn: number;
  /** Steps. */
  readonly meanLength: number;
  /** False if no episode said whether it succeeded: then the success rate says nothing, and the mean return counts. */
  readonly successReported?: boolean;
}

export interface EvaluateOptions {
  readonly episodes: number;
  /** Every episode's own seed is drawn from this one: the same seed, the same starts, whatever was done before. */
  readonly seed: number;
  /** An episode is cut here where the environment does not end it. */
  readonly maxEpisodeSteps?: number;
  /** The evaluation ends as soon as this success rate is out of reach; the result counts what was played. */
  readonly leastSuccessRate?: number;
  readonly signal?: AbortSignal;
  readonly onEpisode?: (episode: EvaluatedEpisode) => void;
}

/**
 * Plays episodes with the policy's mode instead of its samples; the policy's generator is not touched.
 *
 * The environment takes normalized actions. An episode succeeds where any of its steps reports `info.success`. One in
 * which the simulator was lost is played again, a few times at most.
 * Throws the signal's reason between two episodes once it is aborted.
 */
export async function evaluate(
  policy: Policy,
  env: Env<Box, Space>,
  options: EvaluateOptions,
): Promise<EvaluationResult> {
  const seeds = new Random(options.seed);
  const episodes: EvaluatedEpisode[] = [];
  // A rounding error must not forbid the last failure that the rate allows.
  let failuresLeft = Math.floor((1 - (options.leastSuccessRate ?? 0)) * options.episodes + 1e-9);
  for (let index = 0; index < options.episodes && failuresLeft >= 0; index++) {
    options.signal?.throwIfAborted();
    const episode = { index, ...(await playEpisode(policy, env, seeds.uint32(), options.maxEpisodeSteps ?? 1000)) };
    episodes.push(episode);
    if (!episode.success) failuresLeft--;
    options.onEpisode?.(episode);
  }
  return summarize(episodes);
}

/** How often an episode is played again in which the simulator was lost: that says nothing of the policy. */
const REPLAYS = 3;

async function playEpisode(
  policy: Policy,
  env: Env<Box, Space>,
  seed: number,
  maxSteps: number,
  replays = REPLAYS,
): Promise<Omit<EvaluatedEpisode, 'index'>> {
  let { observation, info } = await env.reset({ seed });
  let total = 0;
  let success = false;
  let reported = false;
  let stateBatches = policy.initialState();
  let previousActionBatch = new Float32Array(policy.actionSize);
  let reward = 0;
  for (let length = 1; ; length++) {
    const result = await policy.computeActions(observation, 1, {
      deterministic: true,
      stateBatches,
      previousActionBatch,
      previousRewardBatch: Float32Array.of(reward),
      infoBatch: [info],
      episodes: [{ id: 0, length: length - 1, return: total }],
    });
    // The policy's memory for what it returns is reused by its next call.
    stateBatches = result.stateBatches.map(state => state.slice());
    previousActionBatch = result.actions.slice();
    const step = await env.step(toEnvAction(env.actionSpace, result.actions));
    if (step.info.simulatorLost !== undefined && replays > 0)
      return playEpisode(policy, env, seed, maxSteps, replays - 1);
    ({ observation, info, reward } = step);
    total += reward;
    success ||= step.info.success === true;
    reported ||= step.info.success !== undefined;
    if (step.terminated || step.truncated || length >= maxSteps)
      return { seed, return: total, length, success, ...(reported ? {} : { successReported: false }) };
  }
}

/** What a number of episodes came to. */
export function summarize(
  episodes: readonly Pick<EvaluatedEpisode, 'return' | 'length' | 'success' | 'successReported'>[],
): EvaluationResult {
  const successes = episodes.filter(episode => episode.success).length;
  return {
    episodes: episodes.length,
    successRate: episodes.length === 0 ? 0 : successes / episodes.length,
    successInterval: wilsonInterval(successes, episodes.length),
    meanReturn: mean(episodes.map(episode => episode.return)),
    meanLength: mean(episodes.map(episode => episode.length)),
    ...unreported(...episodes),
  };
}

/** Two evaluations of the same policy taken together. */
export function pool(a: EvaluationResult, b: EvaluationResult): EvaluationResult {
  const episodes = a.episodes + b.episodes;
  const weighted = (x: number, y: number) => (x * a.episodes + y * b.episodes) / Math.max(1, episodes);
  const successes = Math.round(a.successRate * a.episodes) + Math.round(b.successRate * b.episodes);
  return {
    episodes,
    successRate: successes / Math.max(1, episodes),
    successInterval: wilsonInterval(successes, episodes),
    meanReturn: weighted(a.meanReturn, b.meanReturn),
    meanLength: weighted(a.meanLength, b.meanLength),
    ...unreported(a, b),
  };
}

/** `successReported: false` if there are results, and none of them says anything of success. */
function unreported(...results: readonly { readonly successReported?: boolean }[]): { successReported?: false } {
  const none = results.length > 0 && results.every(({ successReported }) => successReported === false);
  return none ? { successReported: false } : {};
}
