import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Lines of a log that errors show. */
const TAIL_LINES = 20;
/** Characters kept of a line; a simulator may print a whole scene in one. */
const LINE_LENGTH = 400;

/**
 * What an instance prints: the last lines in memory, for errors, and all of it in a file of bounded size.
 *
 * A full file is put aside as `….1`, over the one put aside before, so that at most twice the limit is on disk.
 */
export class InstanceLog {
  readonly path: string | undefined;
  private readonly limit: number;
  private descriptor: number | undefined;
  private length = 0;
  private lines: string[] = [];
  private open = '';

  /** @param limit bytes of one file. Without a path nothing is written. */
  constructor(path: string | undefined, limit = 4 << 20) {
    this.path = path;
    this.limit = limit;
    if (path !== undefined) {
      mkdirSync(dirname(path), { recursive: true });
      this.descriptor = openSync(path, 'w');
    }
  }

  append(text: string): void {
    const lines = (this.open + text).split('\n');
    this.open = (lines.pop() ?? '').slice(-LINE_LENGTH);
    for (const line of lines) this.lines.push(clean(line));
    this.lines = this.lines.slice(-TAIL_LINES);
    this.write(text);
  }

  /** The last lines, cleaned of control characters; a sentence where there are none. */
  tail(): string {
    const lines = [...this.lines, ...(this.open === '' ? [] : [clean(this.open)])].slice(-TAIL_LINES);
    const shown = lines.filter(line => line.trim() !== '');
    return shown.length === 0 ? '  (it printed nothing)' : shown.map(line => `  ${line}`).join('\n');
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  private write(text: string): void {
    if (this.descriptor === undefined || this.path === undefined) return;
    try {
      const bytes = Buffer.from(text).subarray(-this.limit);
      if (this.length + bytes.byteLength > this.limit) {
        closeSync(this.descriptor);
        // Its number may soon be another file's.
        this.descriptor = undefined;
        renameSync(this.path, `${this.path}.1`);
        this.descriptor = openSync(this.path, 'w');
        this.length = 0;
      }
      this.length += writeSync(this.descriptor, bytes);
    } catch {
      // A full disk costs the log, not the simulation.
    }
  }
}

/** Colours and other control sequences would reach the user's terminal. */
function clean(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
  return line.replace(/\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]/g, '').slice(0, LINE_LENGTH);
}
