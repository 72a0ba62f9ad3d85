import { randomUUID } from 'node:crypto';
import { closeSync, createReadStream, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { DemonstrationFileError } from '../errors.ts';

/** Bounds of what a compressed file may unpack to, bytes: always so much; so many times its size; and never more. */
const LIMIT = { least: 64 << 20, ratio: 200, most: 8 * 2 ** 30 } as const;

/**
 * Unpacks a gzip file into a temporary one that has no name any more, and returns its descriptor.
 *
 * Readers go through a file twice, which a compressed one does not allow. Throws DemonstrationFileError if the file is
 * damaged, or unpacks to more than any recording would.
 */
export async function gunzip(path: string, size: number): Promise<number> {
  const limit = Math.min(LIMIT.most, Math.max(LIMIT.least, LIMIT.ratio * size));
  const temporary = join(tmpdir(), `graspbridge-unpacked-${randomUUID()}`);
  const descriptor = openSync(temporary, 'wx+', 0o600);
  // A pipeline that is ended from within rejects with an error of its own.
  let tooLarge = false;
  try {
    // Nothing stays behind, however this ends.
    rmSync(temporary);
    let unpacked = 0;
    await pipeline(createReadStream(path), createGunzip(), async chunks => {
      for await (const chunk of chunks as AsyncIterable<Buffer>) {
        unpacked += chunk.byteLength;
        tooLarge = unpacked > limit;
        if (tooLarge) return;
        for (let done = 0; done < chunk.byteLength; ) done += writeSync(descriptor, chunk, done);
      }
    });
  } catch (error) {
    if (!tooLarge) {
      closeSync(descriptor);
      const reason = error instanceof Error ? error.message : String(error);
      throw new DemonstrationFileError(`it is compressed with gzip, and unpacking it failed: ${reason}`, {
        cause: error,
      });
    }
  }
  if (!tooLarge) return descriptor;
  closeSync(descriptor);
  throw new DemonstrationFileError(
    `its ${size} bytes unpack to more than ${limit}: unpack it with gunzip first, if that is right`,
  );
}
