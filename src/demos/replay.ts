import { UsageError } from '../common/errors.ts';
import type { Env } from '../envs/index.ts';
import { actionSize, type Episode, EpisodeBuilder, observationSize, sameBits } from './episode.ts';

/** How far a replayed episode parts from the recorded one. */
export interface Comparison {
  /** Steps that both have. */
  readonly steps: number;
  /** Whether all observations, rewards and the end are the same, bit for bit. */
  readonly identical: boolean;
  /** Largest difference between two numbers of the observations, in their units; step 0 is after the reset. */
  readonly largestDifference: number;
  /** Where the observations first differ, counted in steps; null where they do not. */
  readonly firstDifference: number | null;
  /** Largest difference between two rewards. */
  readonly largestRewardDifference: number;
  /** Difference between the last observations that both have. */
  readonly lastDifference: number;
  readonly recorded: Outcome;
  readonly replayed: Outcome;
}

export interface Outcome {
  readonly length: number;
  readonly end: Episode['end'];
  readonly success: boolean | null;
}

export interface Replay {
  /** The episode as it went this time. */
  readonly episode: Episode;
  readonly comparison: Comparison;
}

/**
 * Runs a recorded episode's actions again, from its recorded start.
 *
 * On the embedded simulator, in an environment with the recorded options, nothing differs. It ends where the environment
 * ends it, or truncated where the actions run out.
 *
 * Throws UsageError where the episode does not say how it began, or its actions are of another environment.
 */
export async function replayEpisode(env: Env, recorded: Episode): Promise<Replay> {
  const { start } = recorded;
  if (start === null)
    throw new UsageError(
      'The episode does not say how it began, so it cannot be replayed. Files without metadata never do.',
    );
  const width = actionSize(recorded);
  if (env.actionSpace.kind !== 'box' || env.actionSpace.low.length !== width)
    throw new UsageError(`The recorded actions have ${width} numbers, which are no actions of this environment.`);
  const { options } = start;
  const reset = await env.reset({ seed: start.seed, ...(options === undefined ? {} : { options }) });
  const builder = new EpisodeBuilder();
  let observation = asNumbers(reset.observation);
  let success = false;
  let end: Episode['end'] = 'truncated';
  for (let step = 0; step < recorded.length; step++) {
    const action = recorded.actions.slice(step * width, (step + 1) * width);
    const result = await env.step(action);
    const nextObservation = asNumbers(result.observation);
    builder.add({ observation, action, reward: result.reward, nextObservation });
    observation = nextObservation;
    success ||= result.info.success === true;
    if (result.terminated) end = 'terminated';
    if (result.terminated || result.truncated) break;
  }
  const episode = builder.finish({ end, success, start });
  return { episode, comparison: compare(recorded, episode) };
}

function compare(recorded: Episode, replayed: Episode): Comparison {
  const steps = Math.min(recorded.length, replayed.length);
  const size = observationSize(recorded);
  if (size !== observationSize(replayed))
    throw new UsageError(
      `The recorded observations have ${size} numbers, and this environment's ${observationSize(replayed)}. Replay it with the recorded options.`,
    );
  // Row 0 is what the reset gave, row i what step i − 1 led to.
  const row = ({ observations, nextObservations }: Episode, i: number) =>
    i === 0 ? observations.subarray(0, size) : nextObservations.subarray((i - 1) * size, i * size);
  const differences = Array.from({ length: steps + 1 }, (_, i) => largest(row(recorded, i), row(replayed, i)));
  const first = differences.findIndex((_, i) => !sameBits(row(recorded, i), row(replayed, i)));
  const rewards = [recorded.rewards.subarray(0, steps), replayed.rewards.subarray(0, steps)] as const;
  const outcome = ({ length, end, success }: Episode): Outcome => ({ length, end, success });
  return {
    steps,
    identical:
      first < 0 && sameBits(...rewards) && recorded.length === replayed.length && recorded.end === replayed.end,
    largestDifference: Math.max(...differences),
    firstDifference: first < 0 ? null : first,
    largestRewardDifference: largest(...rewards),
    lastDifference: differences.at(-1) ?? 0,
    recorded: outcome(recorded),
    replayed: outcome(replayed),
  };
}

function largest(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  let most = 0;
  for (const [i, value] of a.entries()) most = Math.max(most, Math.abs(value - (b[i] as number)));
  return most;
}

function asNumbers(observation: Float32Array | number): Float32Array {
  return typeof observation === 'number' ? Float32Array.of(observation) : observation;
}
