import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { checkRegularFile } from '../common/regular-file.ts';
import { type MetricsRecord, wholeLines } from './metrics.ts';

/** Bytes that one look reads at most: a long file takes several, so that nothing else has to wait for it. */
const MOST = 1 << 20;

/** Reads a metrics file while it grows: each look reads only what was added since the last. */
export class MetricsTail {
  /** All whole lines so far. */
  records: MetricsRecord[] = [];
  /** How often what had been read turned out to be void: a run that goes on from a checkpoint cuts off what came after it. */
  generation = 0;
  private readonly path: string;
  /** How far it was looked at, bytes. */
  private size = 0;
  /** Where the whole lines end, bytes, and the last of them. */
  private end = 0;
  private last: Uint8Array = Buffer.alloc(0);

  constructor(path: string) {
    this.path = path;
  }

  /** Takes in what is new, a megabyte at a time. An absent file is an empty one; throws where one cannot be read. */
  look(): void {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size === this.size) return;
    if (size === 0) {
      this.forget();
      return;
    }
    checkRegularFile(this.path);
    const descriptor = openSync(this.path, 'r');
    try {
      const start = this.end - this.last.byteLength;
      if (size < this.end || !read(descriptor, start, this.end).equals(this.last)) this.forget();
      const seen = Math.min(size, this.end + MOST);
      const added = read(descriptor, this.end, seen);
      let before = 0;
      for (const { record, end } of wholeLines(added)) {
        this.records.push(record);
        // A copy: a part would keep all that was read in memory.
        this.last = Buffer.from(added.subarray(before, end));
        before = end;
      }
      this.end += before;
      // Where there is no whole line, there is none to wait for before the file changes.
      this.size = before > 0 ? seen : size;
    } finally {
      closeSync(descriptor);
    }
  }

  private forget(): void {
    this.records = [];
    this.generation++;
    this.size = 0;
    this.end = 0;
    this.last = Buffer.alloc(0);
  }
}

/** A file's bytes from … to, or as many as there are. */
function read(descriptor: number, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(to - from);
  let length = 0;
  while (length < bytes.byteLength) {
    const count = readSync(descriptor, bytes, length, bytes.byteLength - length, from + length);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}
