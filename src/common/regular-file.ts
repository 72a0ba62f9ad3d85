import { readFileSync, type Stats, statSync } from 'node:fs';
import { UsageError } from './errors.ts';

/** Far more than any text that a user writes or a program of ours leaves, bytes. */
const MAX_TEXT_BYTES = 256 << 20;

/**
 * Names what is at a path, if that is not a regular file: "a directory", "a named pipe" …; null for a file, nothing, or what
 * cannot be looked at, such as a link to itself: opening it fails with the reason.
 */
export function irregularFile(path: string): string | null {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch {
    return null;
  }
  return stats === undefined || stats.isFile() ? null : kindOf(stats);
}

/** Returns why a file could not be opened, in words. */
export function openingReason(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'it cannot be opened: there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'it cannot be opened: permission denied';
  if (code === 'ELOOP') return 'it cannot be opened: it is a symbolic link to itself';
  return `it cannot be opened: ${code ?? String(error)}`;
}

/**
 * Throws UsageError with the bare reason if something other than a regular file is at a path: a directory, device, socket
 * or named pipe, which could not be read, or would be waited for without end.
 */
export function checkRegularFile(path: string): void {
  const kind = irregularFile(path);
  if (kind !== null) throw new UsageError(`it is ${kind}, and a regular file is needed`);
}

/** Reads a text file. Throws UsageError with the bare reason if it is not a regular file, or what the file system throws. */
export function readTextFile(path: string): string {
  checkRegularFile(path);
  const { size } = statSync(path);
  if (size > MAX_TEXT_BYTES) throw new UsageError(`it has ${size} bytes, and at most ${MAX_TEXT_BYTES} are read`);
  return readFileSync(path, 'utf8');
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
