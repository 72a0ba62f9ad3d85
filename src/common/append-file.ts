import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { GraspbridgeError } from './errors.ts';
import { type FileIdentity, identityAt, isSameFile } from './file-identity.ts';

/** How much may wait in memory while the disk takes nothing, bytes. */
const PENDING_LIMIT = 1 << 20;

/** A file that is written to was deleted, moved or replaced meanwhile. */
export class FileGoneError extends GraspbridgeError {}

/**
 * A file that only grows, and whose length is known: what a full disk refused is kept and tried again with the next
 * append, over whatever part of it was written.
 */
export class AppendFile {
  readonly path: string;
  private readonly descriptor: number;
  private readonly identity: FileIdentity;
  private length: number;
  private pending: Uint8Array[] = [];
  private pendingBytes = 0;
  private failing = false;
  private dropped = false;
  private readonly onProblem: (error: unknown) => void;

  /**
   * @param keep how many of the existing file's bytes stay; what lies beyond is cut off.
   * @param onProblem told once each time writing begins to fail.
   */
  constructor(path: string, keep: number, onProblem: (error: unknown) => void) {
    this.path = path;
    this.onProblem = onProblem;
    // Not 'a': in append mode the system ignores positions, and a torn write could not be overwritten.
    this.descriptor = openSync(path, keep > 0 ? 'r+' : 'w');
    this.length = keep;
    if (keep > 0) ftruncateSync(this.descriptor, keep);
    this.identity = fstatSync(this.descriptor, { bigint: true });
  }

  /**
   * Appends the bytes, or keeps them for the next time if the disk refuses.
   *
   * Throws FileGoneError if the file under that path is no longer the one that was opened: nobody would find the bytes.
   */
  append(bytes: Uint8Array): void {
    if (this.isGone)
      throw new FileGoneError(`Writing ${this.path} failed: the file was deleted, moved or replaced meanwhile.`);
    this.pending.push(bytes);
    this.pendingBytes += bytes.byteLength;
    while (this.pendingBytes > PENDING_LIMIT && this.pending.length > 1) {
      this.pendingBytes -= this.pending.shift()?.byteLength ?? 0;
      this.dropped = true;
    }
    this.write();
  }

  /** Closes it, after one more try to write what waits. Returns whether all that was appended is in the file. */
  close(): boolean {
    this.write();
    closeSync(this.descriptor);
    return this.pending.length === 0 && !this.dropped && !this.isGone;
  }

  private get isGone(): boolean {
    return !isSameFile(this.identity, identityAt(this.path));
  }

  private write(): void {
    try {
      for (let next = this.pending[0]; next !== undefined; next = this.pending[0]) {
        for (let done = 0; done < next.byteLength; )
          done += writeSync(this.descriptor, next, done, next.byteLength - done, this.length + done);
        this.length += next.byteLength;
        this.pendingBytes -= next.byteLength;
        this.pending.shift();
      }
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.onProblem(error);
      this.failing = true;
    }
  }
}
