import type { Env, StepResult } from '../envs/index.ts';
import type { Actor } from './actor.ts';
import { type Episode, EpisodeBuilder, type EpisodeStart } from './episode.ts';
import { RecordingError } from './errors.ts';

/** Why an episode demonstrates nothing. */
export interface Broken {
  readonly broken: string;
}

/**
 * Plays one episode and returns its transitions, or why there are none to learn from: physics broke down, or the
 * simulator was lost.
 *
 * @param env takes normalized actions; what is recorded is the action brought into [-1, 1], as the environment does.
 * @param maxSteps an episode that the environment does not end is truncated here.
 *
 * Throws the signal's reason once it is aborted, and RecordingError for numbers that are not finite.
 */
export async function recordEpisode(
  env: Env,
  actor: Actor,
  start: EpisodeStart,
  maxSteps: number,
  signal?: AbortSignal,
): Promise<Episode | Broken> {
  const { options } = start;
  const reset = await env.reset({ seed: start.seed, ...(options === undefined ? {} : { options }) });
  actor.reset?.();
  const builder = new EpisodeBuilder();
  let observation = asNumbers(reset.observation, 'The reset', start);
  // Null until a step says something of it.
  let success: boolean | null = null;
  for (;;) {
    signal?.throwIfAborted();
    const step = builder.length;
    const action = (await actor(observation)).map(value => Math.max(-1, Math.min(1, value)));
    checkFinite(action, `The action of step ${step}`, start);
    const result: StepResult = await env.step(action);
    if (result.info.diverged === true) return { broken: 'the simulation diverged' };
    if (result.info.simulatorLost !== undefined) return { broken: String(result.info.simulatorLost) };
    const nextObservation = asNumbers(result.observation, `The observation after step ${step}`, start);
    checkFinite([result.reward], `The reward of step ${step}`, start);
    builder.add({ observation, action, reward: result.reward, nextObservation });
    observation = nextObservation;
    if (result.info.success !== undefined) success = success === true || result.info.success === true;
    const { terminated } = result;
    if (terminated || result.truncated || builder.length >= maxSteps)
      return builder.finish({ end: terminated ? 'terminated' : 'truncated', success, start });
  }
}

function asNumbers(observation: Float32Array | number, what: string, start: EpisodeStart): Float32Array {
  const numbers = typeof observation === 'number' ? Float32Array.of(observation) : observation;
  checkFinite(numbers, what, start);
  return numbers;
}

function checkFinite(numbers: ArrayLike<number>, what: string, { seed }: EpisodeStart): void {
  for (let i = 0; i < numbers.length; i++)
    if (!Number.isFinite(numbers[i]))
      throw new RecordingError(
        `${what} has ${numbers[i]} as its number ${i}, in the episode of seed ${seed}. Look for what computed it.`,
      );
}
