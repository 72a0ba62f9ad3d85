import { basename } from 'node:path';
import { UsageError } from '../../common/errors.ts';
import type { Episode } from '../episode.ts';
import { DemonstrationFileError, shown } from '../errors.ts';
import type { DemonstrationMetadata } from '../metadata.ts';
import { refuseExisting } from './file-sink.ts';
import type { DemonstrationFormat, DemonstrationReader, DemonstrationWriter } from './format.ts';
import { hdf5Format } from './hdf5/hdf5-file.ts';
import { jsonFormat } from './json/json-file.ts';
import { jsonLinesFormat } from './json/json-lines.ts';
import { pickleFormat } from './pickle/pickle-file.ts';

export { refuseExisting } from './file-sink.ts';
export type { DemonstrationFormat, DemonstrationReader, DemonstrationWriter } from './format.ts';
export { closingLine, episodeLine, headerLine } from './json/json-lines.ts';

export const FORMATS: readonly DemonstrationFormat[] = [jsonFormat, jsonLinesFormat, pickleFormat, hdf5Format];

/** The format that a file's name says. Throws UsageError for an unknown extension. */
export function formatOf(path: string): DemonstrationFormat {
  const name = basename(path).toLowerCase();
  const format = FORMATS.find(({ extensions }) => extensions.some(extension => name.endsWith(extension)));
  if (format === undefined)
    throw new UsageError(
      `The format of ${path} cannot be told from its name. Known extensions: ${FORMATS.flatMap(({ extensions }) => extensions).join(', ')}.`,
    );
  return format;
}

/**
 * Opens a demonstration file.
 *
 * Throws UsageError for an unknown extension, DemonstrationFileError (UnsafePickleError for a pickle that asks for more
 * than data) naming the file and what is wrong with it; so does asking for its episodes.
 */
export async function openDemonstrations(path: string): Promise<DemonstrationReader> {
  const format = formatOf(path);
  const reader = await format.open(path).catch(error => {
    throw named(path, error);
  });
  return {
    get metadata() {
      return reader.metadata;
    },
    get incomplete() {
      return reader.incomplete;
    },
    async *episodes(): AsyncGenerator<Episode, void, void> {
      try {
        yield* reader.episodes();
      } catch (error) {
        throw named(path, error);
      }
    },
    close: () => reader.close(),
  };
}

/** Throws DemonstrationExistsError where a file of that name, or one that belongs to it, is there already. */
export function checkNewDemonstrations(path: string): void {
  for (const file of formatOf(path).files(path)) refuseExisting(file);
}

/** Begins a demonstration file. Throws UsageError, DemonstrationExistsError, DemonstrationWriteError. */
export function createDemonstrations(
  path: string,
  metadata: DemonstrationMetadata | null,
): Promise<DemonstrationWriter> {
  return formatOf(path).create(path, metadata);
}

/** The same complaint with the file's name. */
function named(path: string, error: unknown): unknown {
  if (!(error instanceof DemonstrationFileError)) return error;
  // The class says whether it was damaged or unsafe.
  const Class = error.constructor as typeof DemonstrationFileError;
  return new Class(
    `Reading the demonstrations ${path} failed: ${shown(error.message, 500)}. The file was left as it is.`,
    {
      cause: error,
    },
  );
}
