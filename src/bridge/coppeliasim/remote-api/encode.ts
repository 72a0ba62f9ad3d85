import { UsageError } from '../../../common/errors.ts';
import { isPlain } from './plain.ts';

export interface EncodeOptions {
  /**
   * Width of what is not an integer: `double` always (as the official clients send), or the `smallest` of half, single
   * and double that holds it exactly (as CoppeliaSim answers). `double` by default.
   */
  readonly floats?: 'double' | 'smallest';
}

/** A number that travels as a float even where it is whole: Lua tells 1.0 from 1. */
export class CborFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Up to this length writing characters by hand is faster than crossing into the runtime's encoder. */
const SHORT_TEXT = 40;

/** Deeper than this is taken for a value that contains itself. */
const MAX_DEPTH = 64;

/**
 * Writes a value as one CBOR message.
 *
 * Whole numbers up to 2^53 go as integers, all others (-0 included) as floats; `Float32Array` and `Float64Array` as
 * lists of floats, other typed arrays as lists of integers; `Uint8Array` as bytes; `undefined` as null; objects and
 * `Map`s as maps, so that `{}` and `[]` stay apart.
 *
 * @throws UsageError for what CBOR has no plain form of: functions, symbols, instances of classes, cycles.
 */
export function encodeMessage(value: unknown, { floats = 'double' }: EncodeOptions = {}): Uint8Array {
  const encoder = new Encoder(floats === 'smallest');
  encoder.value(value);
  return encoder.message();
}

class Encoder {
  // Most messages are shorter.
  private bytes = Buffer.allocUnsafe(128);
  private at = 0;
  private depth = 0;
  private readonly smallest: boolean;

  constructor(smallest: boolean) {
    this.smallest = smallest;
  }

  message(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }

  value(value: unknown): void {
    if (typeof value === 'number') this.number(value);
    else if (typeof value === 'string') this.text(value);
    else if (typeof value === 'boolean') this.byte(value ? 0xf5 : 0xf4);
    else if (value === undefined || value === null) this.byte(0xf6);
    else if (typeof value === 'object') this.object(value);
    else if (typeof value === 'bigint') this.bigint(value);
    else throw new UsageError(`Writing a message failed: a ${typeof value} has no place in it.`);
  }

  private reserve(length: number): number {
    const at = this.at;
    if (at + length > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, at + length));
      this.bytes.copy(larger, 0, 0, at);
      this.bytes = larger;
    }
    this.at = at + length;
    return at;
  }

  private byte(byte: number): void {
    const at = this.reserve(1);
    this.bytes[at] = byte;
  }

  /** Writes an initial byte; returns where the `length` bytes that belong to it go. */
  private start(initial: number, length: number): number {
    const at = this.reserve(1 + length);
    this.bytes[at] = initial;
    return at + 1;
  }

  /** An initial byte and the number that belongs to it. */
  private head(major: number, argument: number): void {
    const high = major << 5;
    if (argument < 24) this.byte(high | argument);
    else if (argument < 0x100) {
      const at = this.start(high | 24, 1);
      this.bytes[at] = argument;
    } else if (argument < 0x10000) {
      const at = this.start(high | 25, 2);
      this.bytes.writeUInt16BE(argument, at);
    } else if (argument < 0x100000000) {
      const at = this.start(high | 26, 4);
      this.bytes.writeUInt32BE(argument, at);
    } else {
      const at = this.start(high | 27, 8);
      this.bytes.writeBigUInt64BE(BigInt(argument), at);
    }
  }

  private number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.float(value);
    else if (value >= 0) this.head(0, value);
    else this.head(1, -1 - value);
  }

  private float(value: number): void {
    if (this.smallest && (Math.fround(value) === value || Number.isNaN(value))) {
      const half = toHalfFloat(value);
      if (half >= 0) {
        const at = this.start(0xf9, 2);
        this.bytes.writeUInt16BE(half, at);
        return;
      }
      const at = this.start(0xfa, 4);
      this.bytes.writeFloatBE(value, at);
      return;
    }
    const at = this.start(0xfb, 8);
    this.bytes.writeDoubleBE(value, at);
  }

  private bigint(value: bigint): void {
    const negative = value < 0n;
    const argument = negative ? -1n - value : value;
    if (argument >= 1n << 63n) throw new UsageError(`Writing a message failed: ${value} does not fit 64 bits.`);
    const at = this.start(negative ? 0x3b : 0x1b, 8);
    this.bytes.writeBigUInt64BE(argument, at);
  }

  private text(value: string): void {
    if (value.length <= SHORT_TEXT && this.shortText(value)) return;
    const length = Buffer.byteLength(value);
    this.head(3, length);
    const at = this.reserve(length);
    this.bytes.write(value, at, 'utf8');
  }

  /** Writes a text of few ASCII characters, which is faster by hand; returns whether it was one. */
  private shortText(value: string): boolean {
    const before = this.at;
    this.head(3, value.length);
    const at = this.reserve(value.length);
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) {
        this.at = before;
        return false;
      }
      this.bytes[at + i] = code;
    }
    return true;
  }

  private object(value: object): void {
    if (++this.depth > MAX_DEPTH)
      throw new UsageError(`Writing a message failed: it is more than ${MAX_DEPTH} deep, or contains itself.`);
    if (Array.isArray(value)) {
      this.head(4, value.length);
      for (const item of value) this.value(item);
    } else if (isPlain(value)) this.record(value);
    else if (value instanceof Uint8Array) {
      this.head(2, value.length);
      const at = this.reserve(value.length);
      this.bytes.set(value, at);
    } else if (value instanceof Float64Array || value instanceof Float32Array) {
      this.head(4, value.length);
      for (const item of value) this.float(item);
    } else if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      // What is a view and no DataView is a typed array.
      const items = value as unknown as ArrayLike<number | bigint>;
      this.head(4, items.length);
      for (let i = 0; i < items.length; i++) this.value(items[i]);
    } else if (value instanceof CborFloat) this.float(value.value);
    else if (value instanceof Map) {
      this.head(5, value.size);
      for (const [key, item] of value) {
        if (typeof key === 'object') throw new UsageError('Writing a message failed: the key of a Map is an object.');
        this.value(key);
        this.value(item);
      }
    } else
      throw new UsageError(
        `Writing a message failed: a ${value.constructor?.name ?? 'class instance'} has no plain form.`,
      );
    this.depth--;
  }

  private record(record: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(record);
    this.head(5, keys.length);
    for (const key of keys) {
      this.text(key);
      this.value(record[key]);
    }
  }
}

/** The bits of an IEEE 754 binary16 of exactly this value, -1 where there is none. */
function toHalfFloat(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (magnitude > 65504) return -1;
  // Below 2^-14 halves are multiples of 2^-24; above, 11 significant bits are left.
  const exponent = magnitude < 2 ** -14 ? -14 : Math.floor(Math.log2(magnitude));
  const fraction = magnitude * 2 ** (10 - exponent);
  if (!Number.isInteger(fraction)) return -1;
  return sign | (fraction + ((exponent + 14) << 10));
}
