import { closeSync, openSync, rmSync } from 'node:fs';
import { AppendFile } from '../common/append-file.ts';
import type { Episode } from './episode.ts';
import { DemonstrationWriteError } from './errors.ts';
import { closingLine, episodeLine, formatOf, headerLine, refuseExisting } from './formats/index.ts';
import type { DemonstrationMetadata } from './metadata.ts';

/** Where episodes are kept while they are recorded: the file itself where that is JSON Lines, otherwise beside it. */
export function journalPath(out: string): string {
  return formatOf(out).name === 'JSON Lines' ? out : `${out}.journal.jsonl`;
}

/**
 * Demonstrations as they are recorded, in JSON Lines: appended to, never changed, an episode at a time in one write. If
 * the process is killed, at most the episode under way is lost.
 */
export class Journal {
  readonly path: string;
  private readonly file: AppendFile;
  private failure: unknown = null;
  private count = 0;

  /** Throws DemonstrationExistsError, DemonstrationWriteError. */
  constructor(path: string, metadata: DemonstrationMetadata) {
    refuseExisting(path);
    this.path = path;
    try {
      // Made here and by nobody else meanwhile.
      closeSync(openSync(path, 'wx'));
      this.file = new AppendFile(path, 0, error => {
        this.failure = error;
      });
    } catch (error) {
      throw new DemonstrationWriteError(
        `Recording into ${path} failed: ${reasonOf(error)}. Name another --out, where files can be made.`,
        { cause: error },
      );
    }
    try {
      this.write(headerLine(metadata));
    } catch (error) {
      // An empty file would be in the way of the next attempt.
      this.file.close();
      rmSync(path, { force: true });
      throw error;
    }
  }

  /** Episodes in it. */
  get episodes(): number {
    return this.count;
  }

  /** Throws DemonstrationWriteError where the disk refuses; the episodes before stay. */
  append(episode: Episode): void {
    this.write(episodeLine(episode));
    this.count++;
  }

  /** Writes the last line, which says that nothing is missing. Throws DemonstrationWriteError. */
  finish(): void {
    this.write(closingLine(this.count));
  }

  close(): void {
    this.file.close();
  }

  private write(line: string): void {
    this.file.append(Buffer.from(line));
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
