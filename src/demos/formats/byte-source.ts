import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { irregularFile, openingReason } from '../../common/regular-file.ts';
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

  /**
   * @param file its path, or the descriptor of an open file, which is closed with this.
   *
   * Throws DemonstrationFileError if the file cannot be opened.
   */
  constructor(file: string | number) {
    this.descriptor = typeof file === 'number' ? file : openFile(file);
    this.size = fstatSync(this.descriptor).size;
    this.chunk = Buffer.alloc(Math.max(1, Math.min(CHUNK, this.size)));
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

  /** Returns the first bytes of the file, at most so many, and continues from its beginning. */
  head(length: number): Buffer {
    this.seek(0);
    const bytes = this.take(Math.min(length, this.size));
    this.seek(0);
    return bytes;
  }

  /** Takes the bytes up to and including the next line end; none, and null, if the file ends before. */
  takeLine(limit: number): Buffer | null {
    const first = this.position;
    for (let byte = this.next(); byte !== 0x0a; byte = this.next()) {
      if (byte === -1) {
        this.seek(first);
        return null;
      }
      if (this.position - first > limit)
        throw new DemonstrationFileError(`it has a line of more than ${limit} bytes at byte ${first}`);
    }
    const after = this.position;
    this.seek(first);
    return this.take(after - first);
  }

  /** Takes all that is left. Throws DemonstrationFileError if that is more than the limit. */
  takeRest(limit: number): Buffer {
    if (this.remaining > limit)
      throw new DemonstrationFileError(`it has a line of more than ${limit} bytes at byte ${this.position}`);
    return this.take(this.remaining);
  }

  /** Continues from another position. */
  seek(position: number): void {
    const at = position - this.start;
    if (at >= 0 && at <= this.filled) {
      this.at = at;
      return;
    }
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

function openFile(path: string): number {
  // Before it is opened: opening a named pipe waits for a writer.
  const kind = irregularFile(path);
  if (kind !== null) throw new DemonstrationFileError(`it is ${kind}, and a regular file is needed`);
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new DemonstrationFileError(openingReason(error), { cause: error });
  }
}
