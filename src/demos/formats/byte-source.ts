import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DemonstrationFileError } from '../errors.ts';

/** How much of a file is held at once, bytes. */
const CHUNK = 1 << 18;

/** A file read from its beginning to its end, a piece at a time. */
export class ByteSource {
  readonly size: number;
  private readonly descriptor: number;
  private readonly chunk: Buffer;
  /** Where in the file the chunk begins, how much of it is filled, and where in it reading goes on. */
  private start = 0;
  private filled = 0;
  private at = 0;

  /** Throws DemonstrationFileError where the file cannot be opened. */
  constructor(path: string) {
    try {
      this.descriptor = openSync(path, 'r');
    } catch (error) {
      throw new DemonstrationFileError('it cannot be opened', { cause: error });
    }
    const stat = fstatSync(this.descriptor);
    if (!stat.isFile()) {
      closeSync(this.descriptor);
      throw new DemonstrationFileError('it is not a file');
    }
    this.size = stat.size;
    this.chunk = Buffer.alloc(Math.max(1, Math.min(CHUNK, stat.size)));
  }

  /** Bytes read so far. */
  get position(): number {
    return this.start + this.at;
  }

  get remaining(): number {
    return this.size - this.position;
  }

  /** The next byte without taking it; −1 at the end. */
  peek(): number {
    if (this.at === this.filled && !this.fill()) return -1;
    return this.chunk[this.at] as number;
  }

  /** Takes the next byte; −1 at the end. */
  next(): number {
    if (this.at === this.filled && !this.fill()) return -1;
    return this.chunk[this.at++] as number;
  }

  /** Takes so many bytes, in an array of their own. Throws DemonstrationFileError where there are not so many. */
  take(length: number): Buffer {
    this.check(length);
    const out = Buffer.alloc(length);
    for (let done = 0; done < length; ) {
      if (this.at === this.filled && !this.fill()) throw new DemonstrationFileError('it ends too early');
      const count = Math.min(length - done, this.filled - this.at);
      this.chunk.copy(out, done, this.at, this.at + count);
      this.at += count;
      done += count;
    }
    return out;
  }

  /** Passes over so many bytes. Throws DemonstrationFileError where there are not so many. */
  skip(length: number): void {
    this.check(length);
    if (this.at + length <= this.filled) this.at += length;
    else this.seek(this.position + length);
  }

  /** Goes on from another place. */
  seek(position: number): void {
    this.start = position;
    this.at = 0;
    this.filled = 0;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private check(length: number): void {
    if (!(length >= 0 && length <= this.remaining))
      throw new DemonstrationFileError(
        `it ends too early: at byte ${this.position} of ${this.size} it has ${length} more to come`,
      );
  }

  private fill(): boolean {
    this.start += this.at;
    this.at = 0;
    this.filled = readSync(this.descriptor, this.chunk, 0, this.chunk.byteLength, this.start);
    return this.filled > 0;
  }
}
