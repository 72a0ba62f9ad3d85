import { closeSync, openSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type FileIdentity, identityAt, isSameFile } from '../common/file-identity.ts';
import { CheckpointStore } from './checkpoint-store.ts';
import { RunGoneError } from './errors.ts';

/**
 * Notices if the folder of a run that is being written is deleted, moved or replaced, so that nothing is written where
 * nobody finds it and no folder is made anew.
 */
export class RunPresence {
  private readonly path: string;
  private readonly folders = new Map<string, FileIdentity | null>();
  /** Of the folder: on Linux it tells where a moved folder is. */
  private readonly descriptor: number | null;

  constructor(path: string) {
    this.path = path;
    this.watch(path);
    this.descriptor = openFolder(path);
  }

  /** Watches one more folder, which must be there. */
  watch(folder: string): void {
    this.folders.set(folder, identityAt(folder));
  }

  /** Throws RunGoneError, with where the last good checkpoint is, if a watched folder is no longer in its place. */
  check(): void {
    for (const [folder, identity] of this.folders) {
      const now = identityAt(folder);
      if (!isSameFile(identity, now)) throw new RunGoneError(this.describe(folder, now !== null));
    }
  }

  close(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
  }

  private describe(folder: string, replaced: boolean): string {
    const moved = folder === this.path ? this.movedTo() : null;
    const how =
      moved !== null
        ? `it was moved to ${moved}`
        : replaced
          ? 'something else is in its place'
          : 'it was deleted, or moved elsewhere';
    const last = new CheckpointStore(join(moved ?? this.path, 'checkpoints')).newestWhole();
    return (
      `Training stopped: the folder ${folder} of the run is gone (${how}), and it is not made anew. ` +
      (last === null ? 'No checkpoint is left there.' : `The last good checkpoint is ${last}.`)
    );
  }

  /** Where the folder is now; null if it was not moved or that cannot be told. */
  private movedTo(): string | null {
    if (this.descriptor === null || process.platform !== 'linux') return null;
    try {
      const path = readlinkSync(`/proc/self/fd/${this.descriptor}`);
      return isSameFile(this.folders.get(this.path) ?? null, identityAt(path)) ? path : null;
    } catch {
      return null;
    }
  }
}

/** Windows opens no folders. */
function openFolder(path: string): number | null {
  return process.platform === 'win32' ? null : openSync(path, 'r');
}
