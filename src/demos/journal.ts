import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { AppendFile } from '../common/append-file.ts';
import { isLockHeld, LockHeldError, takeLock } from '../common/process-lock.ts';
import type { Episode } from './episode.ts';
import { DemonstrationExistsError, DemonstrationWriteError } from './errors.ts';
import {
  checkNewDemonstrations,
  closingLine,
  episodeLine,
  formatOf,
  headerLine,
  refuseExisting,
} from './formats/index.ts';
import type { DemonstrationMetadata } from './metadata.ts';

/** Where episodes are kept while they are recorded: the file itself where that is JSON Lines, otherwise beside it. */
export function journalPath(out: string): string {
  return formatOf(out).name === 'JSON Lines' ? out : `${out}.journal.jsonl`;
}

/**
 * Throws DemonstrationExistsError if a recording into this file cannot begin: another process records into it, it is there
 * already, or the journal of a recording that was cut short is; then the message says how to finish that one.
 */
export function checkNewRecording(out: string): void {
  const path = journalPath(out);
  if (isLockHeld(lockPath(path))) throw recordedElsewhere(path);
  checkNewDemonstrations(out);
  if (path !== out && existsSync(path))
    throw new DemonstrationExistsError(
      `Recording ${out} failed: ${path} is left of a recording that was cut short. ${howToFinish(path, out)}, or move it away.`,
    );
}

/** Where a journal is locked while it is recorded into. */
function lockPath(journal: string): string {
  return `${journal}.lock`;
}

function recordedElsewhere(journal: string): DemonstrationExistsError {
  return new DemonstrationExistsError(
    `Another recording is writing to ${journal}. Wait for it, choose another --out, or remove ${lockPath(journal)} if you are sure it is gone.`,
  );
}

/** How to make a file of a journal. */
export function howToFinish(path: string, out: string, advice = 'Finish it'): string {
  const target = path === out ? 'OTHER.jsonl' : out;
  return `${advice} with: graspbridge demos convert ${path} --out ${target}`;
}

/**
 * Demonstrations as they are recorded, in JSON Lines: appended to, never changed, an episode at a time in one write. If
 * the process is killed, at most the episode under way is lost. There is no file before the first episode.
 */
export class Journal {
  readonly path: string;
  private readonly metadata: DemonstrationMetadata;
  private file: AppendFile | null = null;
  private failure: unknown = null;
  private count = 0;
  private readonly unlock: () => void;

  /** Throws DemonstrationExistsError, also if another process records into it now; DemonstrationWriteError. */
  constructor(path: string, metadata: DemonstrationMetadata) {
    refuseExisting(path);
    this.path = path;
    this.metadata = metadata;
    // Before anything is played for it: whether it can be made, and whether nobody else is about to.
    this.unlock = this.lock();
  }

  /** Episodes in it. */
  get episodes(): number {
    return this.count;
  }

  /** Throws DemonstrationWriteError where the disk refuses; the episodes before stay. */
  append(episode: Episode): void {
    if (this.file === null) {
      this.make();
      this.file = new AppendFile(this.path, 0, error => {
        this.failure = error;
      });
      try {
        // In one write with the first episode: a journal is never without one.
        this.write(`${headerLine(this.metadata)}${episodeLine(episode)}`);
      } catch (error) {
        // An empty file would be in the way of the next attempt.
        this.file.close();
        rmSync(this.path, { force: true });
        throw error;
      }
    } else this.write(episodeLine(episode));
    this.count++;
  }

  /** Writes the last line, which says that nothing is missing. Throws DemonstrationWriteError. */
  finish(): void {
    if (this.file !== null) this.write(closingLine(this.count));
  }

  close(): void {
    try {
      this.file?.close();
    } finally {
      this.unlock();
    }
  }

  /** Makes the empty file, which nobody else has made. */
  private make(): void {
    try {
      closeSync(openSync(this.path, 'wx'));
    } catch (error) {
      throw this.cannotMake(error);
    }
  }

  private lock(): () => void {
    try {
      return takeLock(lockPath(this.path));
    } catch (error) {
      throw error instanceof LockHeldError ? recordedElsewhere(this.path) : this.cannotMake(error);
    }
  }

  private cannotMake(cause: unknown): DemonstrationWriteError {
    return new DemonstrationWriteError(
      `Recording into ${this.path} failed: ${reasonOf(cause)}. Name another --out, where files can be made.`,
      { cause },
    );
  }

  private write(line: string): void {
    this.file?.append(Buffer.from(line));
    if (this.failure !== null)
      throw new DemonstrationWriteError(
        `Recording into ${this.path} failed after ${this.count} episodes: ${reasonOf(this.failure)}.`,
        { cause: this.failure },
      );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
