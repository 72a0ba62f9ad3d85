import { type BigIntStats, statSync } from 'node:fs';

/** What tells a file or folder from another one that has the same path later. */
export type FileIdentity = Pick<BigIntStats, 'dev' | 'ino'>;

/** The identity of what is at a path; null if nothing is, or it cannot be reached. */
export function identityAt(path: string): FileIdentity | null {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return null;
  }
}

export function isSameFile(a: FileIdentity | null, b: FileIdentity | null): boolean {
  return a !== null && b !== null && a.dev === b.dev && a.ino === b.ino;
}
