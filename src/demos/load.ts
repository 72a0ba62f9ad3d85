import { closeAfter } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import { type DemonstrationSizes, openCheckedDemonstrations } from './checked-file.ts';
import { actionSize, type Episode, observationSize } from './episode.ts';
import { DemonstrationFileError } from './errors.ts';
import type { Expected } from './fits.ts';
import type { Selection } from './formats/index.ts';
import type { DemonstrationMetadata } from './metadata.ts';

export interface LoadOptions {
  /** How much of what is sampled should come from each file, in any unit; by its transitions where left out. */
  readonly weights?: readonly number[];
  /** What the demonstrations must be of; files that do not say must at least have its sizes. */
  readonly expected?: Expected;
  /** Which part of each file; all by default. */
  readonly selection?: Selection;
  /** More than this is refused, bytes. */
  readonly maxBytes?: number;
}

/** One file's part of what was loaded. */
export interface LoadedFile {
  readonly path: string;
  readonly metadata: DemonstrationMetadata | null;
  /** Its transitions: `first` … `last` − 1. */
  readonly first: number;
  readonly last: number;
  readonly episodes: number;
  /** Its share of what is sampled; all shares add up to 1. */
  readonly share: number;
  /** Options of the environment that differ from what was expected, in words. */
  readonly optionDifferences: readonly string[];
  /** What the file lacks at its end; null where nothing. */
  readonly incomplete: string | null;
}

/** Demonstrations as flat arrays of transitions, episode after episode. */
export interface Demonstrations {
  /** Transitions. */
  readonly size: number;
  readonly observationSize: number;
  readonly actionSize: number;
  /** `[size, observation]` */
  readonly observations: Float32Array;
  /** `[size, action]`, normalized. */
  readonly actions: Float32Array;
  /** `[size]` */
  readonly rewards: Float32Array;
  /** `[size, observation]` */
  readonly nextObservations: Float32Array;
  /** `[size]`; 1 where the episode terminated with this transition. */
  readonly terminated: Uint8Array;
  /** `[episodes + 1]`; where each episode's transitions begin, and `size` at the end. */
  readonly episodeStarts: Uint32Array;
  /** How each episode began; null where its file does not say. */
  readonly starts: readonly Episode['start'][];
  readonly files: readonly LoadedFile[];
}

const MAX_BYTES = 2 ** 31;

/**
 * Loads demonstration files into memory, for learning.
 *
 * Throws DemonstrationMismatchError where one is of something else than `expected` or the others; DemonstrationFileError for
 * a damaged file, naming episode and step of the first number that cannot be learned from; UsageError for
 * weights that are none.
 */
export async function loadDemonstrations(
  paths: readonly string[],
  { weights, expected, selection, maxBytes = MAX_BYTES }: LoadOptions = {},
): Promise<Demonstrations> {
  if (paths.length === 0) throw new UsageError('Loading demonstrations needs at least one file.');
  checkWeights(weights, paths.length);
  const episodes: Episode[] = [];
  const files: Omit<LoadedFile, 'share'>[] = [];
  let sizes: DemonstrationSizes | undefined;
  let size = 0;
  let bytes = 0;
  for (const path of paths) {
    const file = await openCheckedDemonstrations(path, expected, sizes, selection);
    await closeAfter(async () => {
      const [first, firstEpisode] = [size, episodes.length];
      for await (const episode of file.episodes()) {
        sizes ??= { observation: observationSize(episode), action: actionSize(episode) };
        episodes.push(episode);
        size += episode.length;
        bytes += 4 * (2 * episode.observations.length + episode.actions.length + episode.length) + episode.length;
        if (bytes > maxBytes)
          throw new DemonstrationFileError(
            `Loading the demonstrations ${path} failed: they need more than ${maxBytes} bytes of memory. Use fewer of them.`,
          );
      }
      const { metadata, optionDifferences, incomplete } = file;
      const count = episodes.length - firstEpisode;
      files.push({ path, metadata, first, last: size, episodes: count, optionDifferences, incomplete });
    }, file);
  }
  const share = files.map(({ first, last }, i) => weights?.[i] ?? last - first);
  const total = share.reduce((sum, weight) => sum + weight, 0);
  return {
    ...flatten(episodes, size),
    files: files.map((file, i) => ({ ...file, share: (share[i] as number) / total })),
  };
}

/** Throws UsageError for weights that are none, or too few. */
export function checkWeights(weights: readonly number[] | undefined, files: number): void {
  if (weights === undefined) return;
  if (weights.length !== files)
    throw new UsageError(`There are ${files} demonstration files and ${weights.length} weights. Give one for each.`);
  const wrong = weights.find(weight => !(weight >= 0 && Number.isFinite(weight)));
  if (wrong !== undefined) throw new UsageError(`A demonstration file's weight must not be ${wrong}: use 0 or more.`);
  if (weights.every(weight => weight === 0)) throw new UsageError('All demonstration files have a weight of 0.');
}

function flatten(episodes: readonly Episode[], size: number): Omit<Demonstrations, 'files'> {
  const [first] = episodes as readonly [Episode]; // A file without episodes was refused.
  const [observation, action] = [observationSize(first), actionSize(first)];
  const observations = new Float32Array(size * observation);
  const nextObservations = new Float32Array(size * observation);
  const actions = new Float32Array(size * action);
  const rewards = new Float32Array(size);
  const terminated = new Uint8Array(size);
  const episodeStarts = new Uint32Array(episodes.length + 1);
  let at = 0;
  for (const [i, episode] of episodes.entries()) {
    episodeStarts[i] = at;
    observations.set(episode.observations, at * observation);
    nextObservations.set(episode.nextObservations, at * observation);
    actions.set(episode.actions, at * action);
    rewards.set(episode.rewards, at);
    at += episode.length;
    if (episode.end === 'terminated') terminated[at - 1] = 1;
  }
  episodeStarts[episodes.length] = at;
  const starts = episodes.map(({ start }) => start);
  return {
    ...{ size, observationSize: observation, actionSize: action },
    ...{ observations, actions, rewards, nextObservations, terminated, episodeStarts, starts },
  };
}
