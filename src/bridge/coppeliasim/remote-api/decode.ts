import { isUtf8 } from 'node:buffer';
import { MessageError } from '../../errors.ts';
import { emptyRecord } from './plain.ts';

/** How much a message may hold before it is refused. */
export interface DecodeLimits {
  /** Length of the whole message, bytes. */
  readonly bytes: number;
  /** Lists and maps within each other. */
  readonly depth: number;
  /** Values, keys included. */
  readonly items: number;
}

/** Room for the largest honest replies (a mesh, a picture, a table of 2,000 constants), and no more than that. */
export const defaultLimits: DecodeLimits = { bytes: 64 << 20, depth: 64, items: 4 << 20 };

/** Major types of RFC 8949, section 3.1. */
const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const LIST = 4;
const MAP = 5;
const TAG = 6;

/** The "additional information" that announces a length told by a stop code. */
const INDEFINITE = 31;
const STOP = 0xff;

/** Below this length joining characters by hand is faster than crossing into the runtime's decoder. */
const SHORT_TEXT = 24;

/**
 * Reads one CBOR value, the whole message.
 *
 * Lists come as arrays; maps as objects that inherit nothing, or as a `Map` where a key is a number (Lua's tables with
 * holes); `null` and `undefined` as null; text as a string and bytes as a `Uint8Array` of their own; numbers as
 * numbers whatever their width, integers beyond 2^53 as bigint.
 *
 * @throws MessageError for anything damaged, unknown, or beyond the limits.
 */
export function decodeMessage(bytes: Uint8Array, limits: DecodeLimits = defaultLimits): unknown {
  if (bytes.length > limits.bytes)
    throw new MessageError(
      `Reading a message failed: it is ${bytes.length} bytes long, and ${limits.bytes} are allowed.`,
    );
  const decoder = new Decoder(bytes, limits);
  const value = decoder.value();
  if (decoder.at !== bytes.length) throw damaged(decoder.at, `${bytes.length - decoder.at} bytes follow its end`);
  return value;
}

function damaged(at: number, found: string): MessageError {
  return new MessageError(`Reading a message failed at byte ${at}: ${found}. What was sent is not what was received.`);
}

class Decoder {
  at = 0;
  private readonly bytes: Buffer;
  private readonly view: DataView;
  private readonly limits: DecodeLimits;
  private depth = 0;
  private items = 0;

  constructor(bytes: Uint8Array, limits: DecodeLimits) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.limits = limits;
  }

  value(): unknown {
    if (++this.items > this.limits.items) throw damaged(this.at, `more than ${this.limits.items} values are in it`);
    const initial = this.byte();
    const major = initial >> 5;
    const info = initial & 31;
    switch (major) {
      case UNSIGNED:
        return this.argument(info);
      case NEGATIVE: {
        const argument = this.argument(info);
        if (typeof argument === 'bigint') return -1n - argument;
        return argument === Number.MAX_SAFE_INTEGER ? -1n - BigInt(argument) : -1 - argument;
      }
      case BYTES:
        return info === INDEFINITE ? this.chunks(BYTES) : new Uint8Array(this.span(info));
      case TEXT:
        return info === INDEFINITE ? this.chunks(TEXT) : this.text(info);
      case LIST:
        return this.list(info);
      case MAP:
        return this.map(info);
      case TAG:
        throw damaged(this.at - 1, 'a tag stands there, and the remote API has none');
      default:
        return this.simple(info);
    }
  }

  private byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw damaged(this.at, 'it ends in the middle of a value');
    this.at++;
    return byte;
  }

  /** Where `length` bytes lie, which are there. */
  private take(length: number): number {
    const start = this.at;
    if (length > this.bytes.length - start)
      throw damaged(start, `${length} bytes are announced and ${this.bytes.length - start} are left`);
    this.at = start + length;
    return start;
  }

  /** The number that belongs to an initial byte: a value, or a length. */
  private argument(info: number): number | bigint {
    if (info < 24) return info;
    if (info === 24) return this.byte();
    if (info === 25) return this.view.getUint16(this.take(2));
    if (info === 26) return this.view.getUint32(this.take(4));
    if (info !== 27) throw damaged(this.at - 1, `no number can be announced by ${info}`);
    const argument = this.view.getBigUint64(this.take(8));
    return argument <= Number.MAX_SAFE_INTEGER ? Number(argument) : argument;
  }

  /** The length of something that takes at least one byte for each of its parts. */
  private length(info: number): number {
    const length = this.argument(info);
    const left = this.bytes.length - this.at;
    if (length > left) throw damaged(this.at, `${length} parts are announced and ${left} bytes are left`);
    return Number(length);
  }

  private span(info: number): Buffer {
    const length = this.length(info);
    const start = this.take(length);
    return this.bytes.subarray(start, start + length);
  }

  private text(info: number): string {
    const length = this.length(info);
    const start = this.take(length);
    if (length <= SHORT_TEXT) {
      let text = '';
      let i = start;
      for (; i < this.at; i++) {
        const byte = this.bytes[i] as number; // Within what `take` found to be there.
        if (byte > 127) break;
        text += String.fromCharCode(byte);
      }
      if (i === this.at) return text;
    }
    const bytes = this.bytes.subarray(start, this.at);
    if (!isUtf8(bytes)) throw damaged(start, 'a text is not UTF-8');
    return bytes.toString('utf8');
  }

  /** Text or bytes of a length told by a stop code: chunks of definite length. */
  private chunks(major: number): string | Uint8Array {
    const parts: Buffer[] = [];
    for (let initial = this.byte(); initial !== STOP; initial = this.byte()) {
      if (initial >> 5 !== major || (initial & 31) === INDEFINITE)
        throw damaged(this.at - 1, 'a chunk is of another kind');
      if (++this.items > this.limits.items) throw damaged(this.at, `more than ${this.limits.items} values are in it`);
      parts.push(this.span(initial & 31));
    }
    const whole = Buffer.concat(parts);
    if (major === BYTES) return new Uint8Array(whole);
    if (!isUtf8(whole)) throw damaged(this.at, 'a text is not UTF-8');
    return whole.toString('utf8');
  }

  private enter(): void {
    if (++this.depth > this.limits.depth)
      throw damaged(this.at, `lists and maps lie more than ${this.limits.depth} deep within each other`);
  }

  /** Whether another part follows; eats the stop code where there is one. */
  private another(read: number, length: number): boolean {
    if (length >= 0) return read < length;
    if (this.bytes[this.at] !== STOP) return true;
    this.at++;
    return false;
  }

  private list(info: number): unknown[] {
    this.enter();
    const length = info === INDEFINITE ? -1 : this.length(info);
    const list: unknown[] = [];
    while (this.another(list.length, length)) list.push(this.value());
    this.depth--;
    return list;
  }

  private map(info: number): Record<string, unknown> | Map<unknown, unknown> {
    this.enter();
    const length = info === INDEFINITE ? -1 : this.length(info);
    const record = emptyRecord();
    let map: Map<unknown, unknown> | undefined;
    for (let read = 0; this.another(read, length); read++) {
      const start = this.at;
      const key = this.value();
      if (typeof key === 'object') throw damaged(start, 'the key of a map is neither text nor a number');
      if (map === undefined && typeof key !== 'string') map = new Map(Object.entries(record));
      const value = this.value();
      if (map !== undefined) map.set(key, value);
      else record[key as string] = value; // Anything else has made it a Map.
    }
    this.depth--;
    return map ?? record;
  }

  private simple(info: number): unknown {
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22 || info === 23) return null;
    if (info === 25) return halfFloat(this.view.getUint16(this.take(2)));
    if (info === 26) return this.view.getFloat32(this.take(4));
    if (info === 27) return this.view.getFloat64(this.take(8));
    throw damaged(this.at - 1, `there is no value ${info} of major type 7`);
  }
}

/** The value of an IEEE 754 binary16: a sign, five bits of exponent, ten of fraction. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
