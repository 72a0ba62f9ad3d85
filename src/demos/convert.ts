import { setImmediate } from 'node:timers/promises';
import { closeAfter, closeAndThrow } from '../common/close-all.ts';
import { createDemonstrations, openDemonstrations, type Selection } from './formats/index.ts';

export interface ConvertResult {
  readonly episodes: number;
  readonly transitions: number;
  /** What the file lacked at its end, null where nothing. */
  readonly incomplete: string | null;
  /** What was filled in or left out to make transitions of another tool's file. */
  readonly notes: readonly string[];
}

/**
 * Writes a demonstration file anew in the format that `out` says, an episode at a time. Numbers keep their bits.
 *
 * Throws DemonstrationFileError, DemonstrationExistsError, DemonstrationWriteError; no file is left behind then.
 */
export async function convertDemonstrations(
  path: string,
  out: string,
  signal?: AbortSignal,
  selection: Selection = {},
): Promise<ConvertResult> {
  const reader = await openDemonstrations(path, selection);
  return closeAfter(async () => {
    const writer = await createDemonstrations(out, reader.metadata);
    let episodes = 0;
    let transitions = 0;
    try {
      for await (const episode of reader.episodes()) {
        // Files are read and written without waiting: without this, Ctrl-C would not be heard.
        await setImmediate();
        signal?.throwIfAborted();
        await writer.write(episode);
        episodes++;
        transitions += episode.length;
      }
    } catch (error) {
      return await closeAndThrow(error, () => writer.abort());
    }
    await writer.close();
    return { episodes, transitions, incomplete: reader.incomplete, notes: reader.notes };
  }, reader);
}
