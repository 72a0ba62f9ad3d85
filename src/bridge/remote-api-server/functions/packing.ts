import { decodeMessage, encodeMessage } from '../../coppeliasim/remote-api/codec.ts';
import type { Arguments } from '../arguments.ts';
import { CallError } from '../errors.ts';
import { reals } from '../values.ts';
import type { RemoteFunctions } from './function.ts';

/** Kinds of numbers that tables are packed as, little-endian. */
const kinds = {
  Double: [8, 'setFloat64', 'getFloat64'],
  Float: [4, 'setFloat32', 'getFloat32'],
  Int32: [4, 'setInt32', 'getInt32'],
  UInt32: [4, 'setUint32', 'getUint32'],
  UInt16: [2, 'setUint16', 'getUint16'],
  UInt8: [1, 'setUint8', 'getUint8'],
} as const;

type Kind = keyof typeof kinds;

/** Start and count of what is meant of so many items; a count of 0 is all that is left. */
function range(args: Arguments, from: number, length: number): readonly [start: number, count: number] {
  const start = args.integer(from, 0);
  const count = args.integer(from + 1, 0) || Math.max(0, length - start);
  if (start < 0 || count < 0 || start + count > length) throw new CallError('invalid range.');
  return [start, count];
}

function pack(args: Arguments, kind: Kind): Uint8Array {
  const numbers = args.numbers(0);
  const [width, set] = kinds[kind];
  const [start, count] = range(args, 1, numbers.length);
  const bytes = new Uint8Array(width * count);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i++) view[set](width * i, numbers[start + i] as number, true);
  return bytes;
}

function unpack(args: Arguments, kind: Kind): Float64Array | number[] {
  const bytes = args.bytes(0);
  const [width, , get] = kinds[kind];
  const skipped = args.integer(3, 0);
  if (skipped < 0 || skipped > bytes.length) throw new CallError('invalid range.');
  const [start, count] = range(args, 1, Math.floor((bytes.length - skipped) / width));
  const view = new DataView(bytes.buffer, bytes.byteOffset + skipped);
  const numbers = Array.from({ length: count }, (_, i) => view[get](width * (start + i), true));
  return kind === 'Double' || kind === 'Float' ? reals(numbers) : numbers;
}

/** Tables of numbers as bytes, and back. */
export const packingFunctions: RemoteFunctions = {
  ...Object.fromEntries(
    (Object.keys(kinds) as Kind[]).flatMap(kind => [
      [`sim.pack${kind}Table`, (args: Arguments) => [pack(args, kind)]],
      [`sim.unpack${kind}Table`, (args: Arguments) => [unpack(args, kind)]],
    ]),
  ),
  /** Any table as bytes: as CBOR, whatever scheme is asked for; what is packed here is unpacked here. */
  'sim.packTable': args => [encodeMessage(args.raw(0))],
  'sim.unpackTable': args => {
    try {
      return [decodeMessage(args.bytes(0))];
    } catch {
      throw new CallError('these bytes are no packed table.');
    }
  },
};
