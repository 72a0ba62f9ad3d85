import { closeAfter } from '../common/close-all.ts';
import { actionSize, type Episode, episodeReturn, observationSize } from './episode.ts';
import {
  type DemonstrationReader,
  type FileLayout,
  formatOf,
  openDemonstrations,
  type Selection,
  UndecidedObservationsError,
} from './formats/index.ts';
import type { DemonstrationMetadata } from './metadata.ts';

/** Smallest, mean and largest. */
export interface Spread {
  readonly least: number;
  readonly mean: number;
  readonly most: number;
}

export interface Inspection {
  readonly path: string;
  readonly format: string;
  /** Layout, observation keys and splits; null for formats with one layout only. */
  readonly layout: FileLayout | null;
  readonly metadata: DemonstrationMetadata | null;
  readonly episodes: number;
  readonly transitions: number;
  readonly observationSize: number;
  readonly actionSize: number;
  /** Steps of an episode. */
  readonly lengths: Spread;
  /** Undiscounted returns of the episodes. */
  readonly returns: Spread;
  /** Episodes that succeeded, of those that say whether they did. */
  readonly successes: number;
  readonly judged: number;
  readonly terminated: number;
  readonly truncated: number;
  /** Episodes that can be replayed. */
  readonly replayable: number;
  /** For each number of an observation, of an action. */
  readonly observationRanges: readonly Spread[];
  readonly actionRanges: readonly Spread[];
  /** Numbers that are not finite. */
  readonly notFinite: number;
  /** What the file lacks at its end; null where nothing. */
  readonly incomplete: string | null;
  /** What was filled in or left out to make transitions of another tool's file. */
  readonly notes: readonly string[];
}

/**
 * What a demonstration file holds, read an episode at a time. If the observations must be chosen first, they are left out.
 *
 * Throws DemonstrationFileError, UsageError for a selection that the file does not have.
 */
export async function inspectDemonstrations(path: string, selection: Selection = {}): Promise<Inspection> {
  const reader = await openDemonstrations(path, selection);
  const found = await closeAfter(
    () =>
      summarize(path, reader).catch(error => {
        if (error instanceof UndecidedObservationsError) return null;
        throw error;
      }),
    reader,
  );
  if (found !== null) return found;
  const { layout } = reader;
  const without = await openDemonstrations(path, { ...selection, observationKeys: [] });
  return { ...(await closeAfter(() => summarize(path, without), without)), layout };
}

async function summarize(path: string, reader: DemonstrationReader): Promise<Inspection> {
  const lengths = new SpreadOf();
  const returns = new SpreadOf();
  const observations: SpreadOf[] = [];
  const actions: SpreadOf[] = [];
  const count = { successes: 0, judged: 0, terminated: 0, truncated: 0, replayable: 0 };
  let last: Episode | null = null;
  for await (const episode of reader.episodes()) {
    last = episode;
    lengths.add(episode.length);
    returns.add(episodeReturn(episode));
    addRows(observations, episode.observations, observationSize(episode));
    addRows(observations, episode.nextObservations.subarray(-observationSize(episode)), observationSize(episode));
    addRows(actions, episode.actions, actionSize(episode));
    count[episode.end]++;
    if (episode.success !== null) count.judged++;
    if (episode.success === true) count.successes++;
    if (episode.start !== null) count.replayable++;
  }
  return {
    path,
    format: formatOf(path).name,
    layout: reader.layout,
    metadata: reader.metadata,
    episodes: lengths.count,
    transitions: lengths.sum,
    observationSize: last === null ? 0 : observationSize(last),
    actionSize: last === null ? 0 : actionSize(last),
    lengths: lengths.result(),
    returns: returns.result(),
    ...count,
    observationRanges: observations.map(range => range.result()),
    actionRanges: actions.map(range => range.result()),
    notFinite: [...observations, ...actions, returns].reduce((sum, range) => sum + range.notFinite, 0),
    incomplete: reader.incomplete,
    notes: reader.notes,
  };
}

function addRows(ranges: SpreadOf[], array: Float32Array, size: number): void {
  for (const [i, value] of array.entries()) {
    const column = i % size;
    ranges[column] ??= new SpreadOf();
    ranges[column].add(value);
  }
}

/** Gathers numbers one by one; those that are not finite are only counted. */
class SpreadOf {
  count = 0;
  sum = 0;
  notFinite = 0;
  private least = Number.POSITIVE_INFINITY;
  private most = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    if (!Number.isFinite(value)) {
      this.notFinite++;
      return;
    }
    this.count++;
    this.sum += value;
    this.least = Math.min(this.least, value);
    this.most = Math.max(this.most, value);
  }

  result(): Spread {
    if (this.count === 0) return { least: 0, mean: 0, most: 0 };
    return { least: this.least, mean: this.sum / this.count, most: this.most };
  }
}
