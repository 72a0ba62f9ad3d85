import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkRegularFile } from './regular-file.ts';

/** The file operations a write needs; tests hand in ones that fail. */
export interface FileOperations {
  write(descriptor: number, bytes: Uint8Array): number;
  sync(descriptor: number): void;
}

const realOperations: FileOperations = {
  write: (descriptor, bytes) => writeSync(descriptor, bytes, 0, bytes.byteLength),
  sync: fsyncSync,
};

/**
 * Writes a file whole or not at all, even through a power cut: aside first, then to the disk, then renamed into place
 * and the rename itself put on disk.
 *
 * Nothing is left behind where it fails; the file that was there before stays as it was. Throws what the file
 * system throws, and UsageError if something other than a file is there: renaming would put the file in its place.
 */
export function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array> | string,
  operations: FileOperations = realOperations,
): void {
  checkRegularFile(path);
  const aside = `${path}.${process.pid}.partial`;
  try {
    const descriptor = openSync(aside, 'w');
    try {
      for (const chunk of typeof chunks === 'string' ? [Buffer.from(chunks)] : chunks) {
        // A full disk may take part of a chunk and refuse the rest only at the next write.
        for (let written = 0; written < chunk.byteLength; )
          written += operations.write(descriptor, chunk.subarray(written));
      }
      operations.sync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  syncDirectory(dirname(path));
}

/** Puts a directory's entries on disk, where the system can. */
function syncDirectory(path: string): void {
  // Windows opens no directories; its rename is journalled.
  if (process.platform === 'win32') return;
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
