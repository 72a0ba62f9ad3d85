import { DemonstrationFileError, shown } from '../../errors.ts';
import { type DemonstrationMetadata, parseMetadata } from '../../metadata.ts';

/** What a file of ours says it is. */
export const FORMAT = 'graspbridge-demonstrations';
export const VERSION = 1;

/** Checks a file's `format` and `version`, and its `metadata`. Throws DemonstrationFileError. */
export function readHeader(
  header: Readonly<Record<string, unknown>>,
  format: string = FORMAT,
): DemonstrationMetadata | null {
  if (header.format !== format)
    throw new DemonstrationFileError(`it is not a demonstration file: its "format" is not "${format}"`);
  if (header.version !== VERSION)
    throw new DemonstrationFileError(
      `it has version ${shown(JSON.stringify(header.version) ?? 'none')}, and this program reads version ${VERSION}`,
    );
  return header.metadata === null || header.metadata === undefined ? null : parseMetadata(header.metadata);
}
