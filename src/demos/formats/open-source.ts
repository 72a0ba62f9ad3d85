import { DemonstrationFileError } from '../errors.ts';
import { ByteSource } from './byte-source.ts';
import { foreignContent, HEAD_BYTES, isGzip } from './foreign.ts';
import { gunzip } from './gunzip.ts';

/**
 * Opens a file of a format for reading, unpacked if it is compressed with gzip.
 *
 * Throws DemonstrationFileError if it cannot be opened, or is something else by its content.
 */
export async function openSource(path: string, format: string): Promise<ByteSource> {
  let source = new ByteSource(path);
  try {
    if (isGzip(source.head(HEAD_BYTES))) {
      const descriptor = await gunzip(path, source.size);
      source.close();
      source = new ByteSource(descriptor);
    }
    const foreign = foreignContent(source.head(HEAD_BYTES), format);
    if (foreign !== null) throw new DemonstrationFileError(foreign);
    return source;
  } catch (error) {
    source.close();
    throw error;
  }
}

/** Throws DemonstrationFileError if a file that is not unpacked is something else than its format by its content. */
export function checkContent(path: string, format: string): void {
  const source = new ByteSource(path);
  try {
    const head = source.head(HEAD_BYTES);
    const foreign = isGzip(head)
      ? `it is compressed with gzip: unpack it first, with gunzip`
      : foreignContent(head, format);
    if (foreign !== null) throw new DemonstrationFileError(foreign);
  } finally {
    source.close();
  }
}
