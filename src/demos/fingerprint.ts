import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { checkRegularFile } from '../common/regular-file.ts';
import { DemonstrationFileError } from './errors.ts';
import { formatOf } from './formats/index.ts';

/**
 * The SHA-256 of a demonstration file, and of those that belong to it, in hexadecimal digits.
 *
 * Throws UsageError for an unknown extension, DemonstrationFileError where it cannot be read.
 */
export async function fingerprintDemonstrations(path: string): Promise<string> {
  const hash = createHash('sha256');
  for (const [i, file] of formatOf(path).files(path).entries()) {
    // A file beside it may be missing; then the two of them differ from one that has it.
    if (i > 0 && !existsSync(file)) continue;
    try {
      checkRegularFile(file);
      for await (const bytes of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(bytes);
    } catch (error) {
      throw new DemonstrationFileError(
        `Reading the demonstrations ${file} failed: ${error instanceof Error ? error.message : error}`,
        { cause: error },
      );
    }
  }
  return hash.digest('hex');
}
