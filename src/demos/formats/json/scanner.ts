import { LIMITS } from '../../episode.ts';
import { DemonstrationFileError, shown } from '../../errors.ts';
import type { ByteSource } from '../byte-source.ts';
import { parseText } from './parse-text.ts';

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
/** No file of ours is nested deeper than a few. */
const MAX_DEPTH = 64;
const MAX_KEYS = 10_000;

/** Walks over a JSON text without holding more of it than the one value that is asked for. */
export class JsonScanner {
  private readonly source: ByteSource;

  constructor(source: ByteSource) {
    this.source = source;
  }

  /** The next value, parsed. Throws DemonstrationFileError. */
  value(): unknown {
    return parseText(this.text(), this.source.position);
  }

  /** The text of the next value. Throws DemonstrationFileError if its end is not found. */
  text(): string {
    const { source } = this;
    this.peek();
    const start = source.position;
    this.walk(LIMITS.bytes);
    const end = source.position;
    source.seek(start);
    return source.take(end - start).toString('utf8');
  }

  /** Whether a list comes next. */
  isList(): boolean {
    return this.peek() === OPEN_LIST;
  }

  /** Passes over the next value. */
  skip(): void {
    this.walk(Number.POSITIVE_INFINITY);
  }

  /** The keys of the object that comes next; the caller takes or skips the value after each. */
  *keys(): Generator<string, void, void> {
    const seen = new Set<string>();
    yield* this.members(OPEN_OBJECT, CLOSE_OBJECT, () => {
      this.expectOneOf(QUOTE);
      const key = String(this.value());
      this.take(COLON);
      if (seen.has(key)) throw new DemonstrationFileError(`it has the key "${shown(key, 60)}" twice in one object`);
      seen.add(key);
      if (seen.size > MAX_KEYS) throw new DemonstrationFileError(`it has an object of more than ${MAX_KEYS} keys`);
      return key;
    });
  }

  /** Yields before each element of the list that comes next; the caller takes or skips it. */
  *elements(): Generator<void, void, void> {
    yield* this.members(OPEN_LIST, CLOSE_LIST, () => {});
  }

  /** Throws DemonstrationFileError where more than white space is left. */
  end(): void {
    if (this.peek() !== -1) throw this.unexpected();
  }

  private *members<T>(open: number, close: number, member: () => T): Generator<T, void, void> {
    this.take(open);
    if (this.peek() === close) {
      this.source.next();
      return;
    }
    for (;;) {
      yield member();
      if (this.peek() === close) break;
      this.take(COMMA);
    }
    this.source.next();
  }

  /** Passes over one value of so many bytes at most. Finds its end only; whether it is JSON is for the parser to say. */
  private walk(limit: number): void {
    const { source } = this;
    let depth = 0;
    let byte = this.peek();
    const start = source.position;
    if (byte === -1 || byte === COMMA || byte === COLON || byte === CLOSE_LIST || byte === CLOSE_OBJECT)
      throw this.unexpected();
    for (;;) {
      if (byte === QUOTE) this.skipString();
      else {
        if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
          if (++depth > MAX_DEPTH) throw new DemonstrationFileError(`it is nested more than ${MAX_DEPTH} deep`);
        } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
        source.next();
      }
      if (source.position - start > limit)
        throw new DemonstrationFileError(`it has a value of more than ${limit} bytes`);
      const ended = byte === QUOTE || byte === CLOSE_LIST || byte === CLOSE_OBJECT;
      if (depth === 0 && ended) return;
      byte = source.peek();
      if (byte === -1) {
        if (depth === 0) return;
        throw new DemonstrationFileError('it ends too early');
      }
      // A number or a word ends where what follows cannot belong to it.
      if (depth === 0 && (byte <= 0x20 || byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT)) return;
    }
  }

  private skipString(): void {
    const { source } = this;
    source.next();
    for (;;) {
      const byte = source.next();
      if (byte === QUOTE) return;
      if (byte === -1 || (byte === BACKSLASH && source.next() === -1))
        throw new DemonstrationFileError('it ends too early');
    }
  }

  private peek(): number {
    for (;;) {
      const byte = this.source.peek();
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
      this.source.next();
    }
  }

  private take(byte: number): void {
    this.expectOneOf(byte);
    this.source.next();
  }

  private expectOneOf(byte: number): void {
    if (this.peek() !== byte) throw this.unexpected();
  }

  private unexpected(): DemonstrationFileError {
    const byte = this.source.peek();
    const found =
      byte === -1 ? 'ends' : `has ${byte < 0x80 && byte > 0x20 ? `"${String.fromCharCode(byte)}"` : `byte ${byte}`}`;
    return new DemonstrationFileError(`it is not JSON of ours: it ${found} at byte ${this.source.position}`);
  }
}

/** Passes over the byte order mark that Windows puts before UTF-8. */
export function skipByteOrderMark(source: ByteSource): void {
  if (source.head(3).equals(Buffer.from([0xef, 0xbb, 0xbf]))) source.seek(3);
}
