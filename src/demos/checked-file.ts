import { defectsOf, describeDefect } from './defects.ts';
import { actionSize, type Episode, observationSize } from './episode.ts';
import { DemonstrationFileError, DemonstrationMismatchError } from './errors.ts';
import { checkFits, type Expected } from './fits.ts';
import { openDemonstrations, type Selection } from './formats/index.ts';
import type { DemonstrationMetadata } from './metadata.ts';

/** Numbers in an observation and in an action. */
export interface DemonstrationSizes {
  readonly observation: number;
  readonly action: number;
}

/** A demonstration file whose episodes are fit to be learned from, one at a time. */
export interface CheckedFile {
  readonly path: string;
  readonly metadata: DemonstrationMetadata | null;
  /** Options of the environment that differ from what was expected, in words. */
  readonly optionDifferences: readonly string[];
  /** What the file lacks at its end; null where nothing. Known after the last episode. */
  readonly incomplete: string | null;
  /** What was filled in or left out to make transitions of another tool's file. Known after the last episode. */
  readonly notes: readonly string[];
  /**
   * To be asked for once. Throws DemonstrationFileError for a damaged file, or one without episodes, naming episode and
   * step of the first number that cannot be learned from; DemonstrationMismatchError where sizes differ.
   */
  episodes(): AsyncGenerator<Episode, void, void>;
  close(): Promise<void>;
}

/**
 * Opens a demonstration file to learn from it.
 *
 * @param sizes of every episode, where the file says nothing of them; by default those of its first episode.
 * @param selection which part of it; all by default.
 *
 * Throws DemonstrationMismatchError where it is of something else than `expected`; DemonstrationFileError; UsageError for a
 * selection that the file does not have.
 */
export async function openCheckedDemonstrations(
  path: string,
  expected?: Expected,
  sizes?: DemonstrationSizes,
  selection: Selection = {},
): Promise<CheckedFile> {
  const reader = await openDemonstrations(path, selection);
  const { metadata } = reader;
  let optionDifferences: readonly string[];
  try {
    optionDifferences = metadata === null || expected === undefined ? [] : checkFits(path, metadata, expected);
  } catch (error) {
    await reader.close();
    throw error;
  }
  let wanted =
    expected === undefined ? sizes : { observation: expected.observation.size, action: expected.action.size };
  return {
    path,
    metadata,
    optionDifferences,
    get incomplete() {
      return reader.incomplete;
    },
    get notes() {
      return reader.notes;
    },
    async *episodes() {
      let index = 0;
      for await (const episode of reader.episodes()) {
        wanted ??= { observation: observationSize(episode), action: actionSize(episode) };
        checkEpisode(path, episode, index++, wanted);
        yield episode;
      }
      if (index === 0)
        throw new DemonstrationFileError(`Loading the demonstrations ${path} failed: there is no episode in it.`);
    },
    close: () => reader.close(),
  };
}

function checkEpisode(path: string, episode: Episode, index: number, wanted: DemonstrationSizes): void {
  const found = { observation: observationSize(episode), action: actionSize(episode) };
  for (const what of ['observation', 'action'] as const)
    if (found[what] !== wanted[what])
      throw new DemonstrationMismatchError(
        `The demonstrations in ${path} do not fit: an ${what} has ${found[what]} numbers in episode ${index}, and should have ${wanted[what]}.`,
      );
  // Nearly all are, and finding out what is wrong takes much longer than that nothing is.
  if (isSound(episode)) return;
  for (const defect of defectsOf(episode, index, wanted)) {
    // Steps that do not follow each other are unusual, but each of them can be learned from.
    if (defect.what.startsWith('the observation is not')) continue;
    throw new DemonstrationFileError(
      `Loading the demonstrations ${path} failed: ${describeDefect(defect)}. "demos validate" shows all that is wrong.`,
    );
  }
}

/** Whether all numbers are finite, and those of the actions in [-1, 1]. */
function isSound({ observations, nextObservations, actions, rewards }: Episode): boolean {
  const finite = [observations, nextObservations, rewards].every(array => array.every(Number.isFinite));
  return finite && actions.every(value => value >= -1 && value <= 1);
}
