import { rmSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { FileGoneError } from '../common/append-file.ts';
import { UsageError } from '../common/errors.ts';
import { packageVersion } from '../common/package-version.ts';
import { Random } from '../common/random.ts';
import type { Env } from '../envs/index.ts';
import type { Actor } from './actor.ts';
import { convertDemonstrations } from './convert.ts';
import { type Episode, episodeReturn } from './episode.ts';
import { DemonstrationWriteError, RecordingError } from './errors.ts';
import { checkNewRecording, howToFinish, Journal, journalPath } from './journal.ts';
import type { DemonstrationMetadata, EnvironmentDescription } from './metadata.ts';
import { recordEpisode } from './record-episode.ts';

export interface RecordRequest {
  /** Takes normalized actions. */
  readonly env: Env;
  readonly description: EnvironmentDescription;
  readonly actor: Actor;
  /** What `actor` is, for the file. */
  readonly policy: DemonstrationMetadata['policy'];
  /** Episodes that the file is to hold. */
  readonly episodes: number;
  /** Every episode's own seed is drawn from this one. */
  readonly seed: number;
  /** Leaves out episodes without success, and plays others instead; gives up after 20 tries for each wanted. */
  readonly onlySuccessful?: boolean;
  /** The file; its extension says the format. */
  readonly out: string;
  readonly maxEpisodeSteps?: number;
  /** Ends the recording; the episode under way is left out and the file is finished. */
  readonly signal?: AbortSignal;
  readonly onEpisode?: (episode: RecordedEpisode) => void;
}

export interface RecordedEpisode {
  /** How many are in the file. */
  readonly kept: number;
  /** How many were played. */
  readonly played: number;
  readonly seed: number;
  /** Undiscounted. */
  readonly return: number;
  /** Steps. */
  readonly length: number;
  /** Null if the environment does not report it. */
  readonly success: boolean | null;
}

export interface RecordResult {
  /** Null where there was nothing to write. */
  readonly out: string | null;
  readonly episodes: number;
  readonly transitions: number;
  readonly successes: number;
  readonly played: number;
  readonly interrupted: boolean;
}

/** Tries for each successful episode that is wanted. */
const TRIES = 20;
/** Episodes broken off one after the other after which it is no accident. */
const BROKEN_IN_A_ROW = 5;

/**
 * Records demonstrations into a new file.
 *
 * They are appended to a journal one by one and converted at the end, so that whatever happens, every episode that ended
 * is kept: `demos convert` finishes what a killed recording left.
 *
 * Throws DemonstrationExistsError before anything is played; RecordingError, saying where the episodes are, where
 * recording cannot go on.
 */
export async function record(request: RecordRequest): Promise<RecordResult> {
  const { description, out, episodes, seed, policy, onlySuccessful = false } = request;
  if (!Number.isInteger(episodes) || episodes < 1)
    throw new UsageError(`Recording needs a positive number of episodes, but got ${episodes}.`);
  if (!description.action.normalized)
    throw new UsageError(
      `Recording needs an environment whose actions are normalized, but those of ${description.environment.id} are not.`,
    );
  checkNewRecording(out);
  const journal = new Journal(journalPath(out), {
    ...description,
    policy,
    seed,
    onlySuccessful,
    software: { name: 'graspbridge', version: packageVersion() },
  });
  let counts: Counts;
  try {
    counts = await playAll(request, journal);
    journal.finish();
  } catch (error) {
    throw stopped(journal, out, error);
  } finally {
    journal.close();
  }
  const written = await finishFile(journal, out, counts.kept);
  const { kept, transitions, successes, played } = counts;
  return {
    out: written,
    episodes: kept,
    transitions,
    successes,
    played,
    interrupted: request.signal?.aborted === true,
  };
}

interface Counts {
  kept: number;
  played: number;
  transitions: number;
  successes: number;
}

async function playAll(request: RecordRequest, journal: Journal): Promise<Counts> {
  const { env, actor, episodes, onlySuccessful = false, maxEpisodeSteps = 1000, signal } = request;
  const seeds = new Random(request.seed);
  const counts: Counts = { kept: 0, played: 0, transitions: 0, successes: 0 };
  let brokenInARow = 0;
  while (counts.kept < episodes && counts.played < TRIES * episodes && signal?.aborted !== true) {
    // Nothing of an embedded simulator waits for anything: without this, Ctrl-C would not be heard.
    await setImmediate();
    const seed = seeds.uint32();
    const episode = await recordEpisode(env, actor, { seed }, maxEpisodeSteps, signal).catch(error => {
      if (signal?.aborted === true) return null;
      throw error;
    });
    if (episode === null) break;
    if ('broken' in episode) {
      if (++brokenInARow === BROKEN_IN_A_ROW)
        throw new RecordingError(
          `Recording stopped: ${brokenInARow} episodes in a row broke off, the last one because ${episode.broken}.`,
        );
      continue;
    }
    brokenInARow = 0;
    counts.played++;
    if (episode.success === null && onlySuccessful)
      throw new UsageError(
        `${request.description.environment.id} does not report success, so that no episode is known to be successful. Record without --only-successful.`,
      );
    if (episode.success || !onlySuccessful) keep(episode, journal, counts);
    request.onEpisode?.({
      kept: counts.kept,
      played: counts.played,
      seed,
      return: episodeReturn(episode),
      length: episode.length,
      success: episode.success,
    });
  }
  return counts;
}

function keep(episode: Episode, journal: Journal, counts: Counts): void {
  journal.append(episode);
  counts.kept++;
  counts.transitions += episode.length;
  if (episode.success) counts.successes++;
}

/** Makes the file of the journal. A file without episodes is not made. */
async function finishFile(journal: Journal, out: string, episodes: number): Promise<string | null> {
  if (episodes === 0) {
    rmSync(journal.path, { force: true });
    return null;
  }
  if (journal.path === out) return out;
  try {
    await convertDemonstrations(journal.path, out);
  } catch (error) {
    throw stopped(journal, out, error);
  }
  rmSync(journal.path, { force: true });
  return out;
}

/** Says what went wrong, and where the episodes are that were recorded before. */
function stopped(journal: Journal, out: string, error: unknown): unknown {
  const reason = error instanceof Error ? error.message : String(error);
  // Nothing is where the episodes were.
  if (error instanceof FileGoneError) return error;
  if (journal.episodes === 0) {
    rmSync(journal.path, { force: true });
    return error;
  }
  const advice = error instanceof DemonstrationWriteError ? 'Free some space, then finish' : 'Finish';
  return new RecordingError(
    `${reason}\nThe ${journal.episodes} episodes before are safe. ${howToFinish(journal.path, out, advice)}.`,
    { cause: error },
  );
}
