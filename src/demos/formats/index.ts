import { basename } from 'node:path';
import { UsageError } from '../../common/errors.ts';
import type { Episode } from '../episode.ts';
import { DemonstrationFileError, shown } from '../errors.ts';
import type { DemonstrationMetadata } from '../metadata.ts';
import { refuseExisting } from './file-sink.ts';
import type { DemonstrationFormat, DemonstrationReader, DemonstrationWriter, ReadOptions } from './format.ts';
import { hdf5Format } from './hdf5/hdf5-file.ts';
import { jsonFormat } from './json/json-file.ts';
import { jsonLinesFormat } from './json/json-lines.ts';
import { checkContent } from './open-source.ts';
import { pickleFormat } from './pickle/pickle-file.ts';

export { refuseExisting } from './file-sink.ts';
export type { DemonstrationFormat, DemonstrationReader, DemonstrationWriter, ReadOptions } from './format.ts';
export { closingLine, episodeLine, headerLine } from './json/json-lines.ts';
export { UndecidedObservationsError } from './observation-keys.ts';
export type { FileLayout, ObservationKey, Selection, Split } from './selection.ts';

export const FORMATS: readonly DemonstrationFormat[] = [jsonFormat, jsonLinesFormat, pickleFormat, hdf5Format];

/** The format that a file's name says, `.gz` behind it or not. Throws UsageError for an unknown extension. */
export function formatOf(path: string): DemonstrationFormat {
  const name = basename(path).toLowerCase().replace(/\.gz$/, '');
  const format = FORMATS.find(({ extensions }) => extensions.some(extension => name.endsWith(extension)));
  if (format === undefined)
    throw new UsageError(
      `The format of ${path} cannot be told from its name. Known extensions: ${FORMATS.flatMap(({ extensions }) => extensions).join(', ')}.`,
    );
  return format;
}

/** The format to write a file in. Throws UsageError for an unknown extension, or one of compressed files. */
function writtenFormatOf(path: string): DemonstrationFormat {
  if (/\.gz$/i.test(path))
    throw new UsageError(
      `Demonstrations are not written compressed: leave .gz out of ${path}, and run gzip on the file.`,
    );
  return formatOf(path);
}

/**
 * Opens a demonstration file.
 *
 * Throws UsageError for an unknown extension or a selection that the file does not have, DemonstrationFileError
 * (UnsafePickleError for a pickle that asks for more than data) naming the file and what is wrong with it; so does
 * asking for its episodes.
 */
export async function openDemonstrations(path: string, options: ReadOptions = {}): Promise<DemonstrationReader> {
  const format = formatOf(path);
  if (options.split !== undefined && format.hasSplits !== true)
    throw new UsageError(`${path} has no split "${options.split}": ${format.name} files have none. Leave --split out.`);
  const { onDamage } = options;
  const own =
    onDamage === undefined ? {} : { onDamage: (error: DemonstrationFileError) => onDamage(named(path, error)) };
  const reader = await open(path, format, { ...options, ...own }).catch(error => {
    throw named(path, error);
  });
  return {
    get metadata() {
      return reader.metadata;
    },
    get incomplete() {
      return reader.incomplete;
    },
    get layout() {
      return reader.layout;
    },
    get notes() {
      return reader.notes;
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

async function open(path: string, format: DemonstrationFormat, options: ReadOptions): Promise<DemonstrationReader> {
  // The other formats are opened through `openSource`, which does this with what is within a gzip file, too.
  if (format === hdf5Format) checkContent(path, format.name);
  return format.open(path, options);
}

/** Throws DemonstrationExistsError where a file of that name, or one that belongs to it, is there already. */
export function checkNewDemonstrations(path: string): void {
  for (const file of writtenFormatOf(path).files(path)) refuseExisting(file);
}

/** Begins a demonstration file. Throws UsageError, DemonstrationExistsError, DemonstrationWriteError. */
export function createDemonstrations(
  path: string,
  metadata: DemonstrationMetadata | null,
): Promise<DemonstrationWriter> {
  return writtenFormatOf(path).create(path, metadata);
}

/** The same complaint with the file's name. */
function named(path: string, error: DemonstrationFileError): DemonstrationFileError;
function named(path: string, error: unknown): unknown;
function named(path: string, error: unknown): unknown {
  if (!(error instanceof DemonstrationFileError)) return error;
  // The class says whether it was damaged or unsafe.
  const Class = error.constructor as typeof DemonstrationFileError;
  return new Class(
    `Reading the demonstrations ${path} failed: ${shown(error.message, 2000)}. The file was left as it is.`,
    {
      cause: error,
    },
  );
}
