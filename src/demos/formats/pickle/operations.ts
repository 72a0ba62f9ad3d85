import { LIMITS } from '../../episode.ts';
import { DemonstrationFileError, UnsafePickleError } from '../../errors.ts';
import type { ByteSource } from '../byte-source.ts';

/** How an operation's argument is laid out behind its byte. */
type Layout =
  | { readonly kind: 'none' }
  | { readonly kind: 'unsigned' | 'signed' | 'long' | 'bytes' | 'text' | 'frame'; readonly width: 1 | 2 | 4 | 8 }
  | { readonly kind: 'double' | 'global' };

interface Operation {
  readonly name: OperationName;
  readonly layout: Layout;
}

const NONE = { kind: 'none' } as const;

/** What is carried out, by name: the operations that data is made of. Source: CPython, Lib/pickle.py and pickletools.py. */
const READ = {
  PROTO: [0x80, { kind: 'unsigned', width: 1 }],
  FRAME: [0x95, { kind: 'frame', width: 8 }],
  STOP: [0x2e, NONE],
  MARK: [0x28, NONE],
  POP: [0x30, NONE],
  POP_MARK: [0x31, NONE],
  NONE: [0x4e, NONE],
  NEWTRUE: [0x88, NONE],
  NEWFALSE: [0x89, NONE],
  BININT: [0x4a, { kind: 'signed', width: 4 }],
  BININT1: [0x4b, { kind: 'unsigned', width: 1 }],
  BININT2: [0x4d, { kind: 'unsigned', width: 2 }],
  LONG1: [0x8a, { kind: 'long', width: 1 }],
  BINFLOAT: [0x47, { kind: 'double' }],
  BINUNICODE: [0x58, { kind: 'text', width: 4 }],
  SHORT_BINUNICODE: [0x8c, { kind: 'text', width: 1 }],
  BINUNICODE8: [0x8d, { kind: 'text', width: 8 }],
  BINBYTES: [0x42, { kind: 'bytes', width: 4 }],
  SHORT_BINBYTES: [0x43, { kind: 'bytes', width: 1 }],
  BINBYTES8: [0x8e, { kind: 'bytes', width: 8 }],
  BYTEARRAY8: [0x96, { kind: 'bytes', width: 8 }],
  EMPTY_TUPLE: [0x29, NONE],
  TUPLE: [0x74, NONE],
  TUPLE1: [0x85, NONE],
  TUPLE2: [0x86, NONE],
  TUPLE3: [0x87, NONE],
  EMPTY_LIST: [0x5d, NONE],
  LIST: [0x6c, NONE],
  APPEND: [0x61, NONE],
  APPENDS: [0x65, NONE],
  BINGET: [0x68, { kind: 'unsigned', width: 1 }],
  LONG_BINGET: [0x6a, { kind: 'unsigned', width: 4 }],
  BINPUT: [0x71, { kind: 'unsigned', width: 1 }],
  LONG_BINPUT: [0x72, { kind: 'unsigned', width: 4 }],
  MEMOIZE: [0x94, NONE],
  GLOBAL: [0x63, { kind: 'global' }],
  STACK_GLOBAL: [0x93, NONE],
  REDUCE: [0x52, NONE],
  BUILD: [0x62, NONE],
} as const satisfies Readonly<Record<string, readonly [number, Layout]>>;

export type OperationName = keyof typeof READ;

/** The byte of an operation, for writing it. */
export function opcode(name: OperationName): number {
  return READ[name][0];
}

/** The other operations there are, so that one of them can be refused by its name. */
const REFUSED: Readonly<Record<number, string>> = {
  73: 'INT',
  76: 'LONG',
  70: 'FLOAT',
  83: 'STRING',
  84: 'BINSTRING',
  85: 'SHORT_BINSTRING',
  86: 'UNICODE',
  139: 'LONG4',
  151: 'NEXT_BUFFER',
  152: 'READONLY_BUFFER',
  50: 'DUP',
  100: 'DICT',
  125: 'EMPTY_DICT',
  115: 'SETITEM',
  117: 'SETITEMS',
  143: 'EMPTY_SET',
  144: 'ADDITEMS',
  145: 'FROZENSET',
  103: 'GET',
  112: 'PUT',
  105: 'INST',
  111: 'OBJ',
  129: 'NEWOBJ',
  146: 'NEWOBJ_EX',
  130: 'EXT1',
  131: 'EXT2',
  132: 'EXT4',
  80: 'PERSID',
  81: 'BINPERSID',
};

const byCode: (Operation | undefined)[] = [];
for (const [name, [code, layout]] of Object.entries(READ)) byCode[code] = { name: name as OperationName, layout }; // Its own keys.

/** An operation as it stands in the file. */
export interface Instruction {
  readonly name: OperationName;
  readonly argument: number | string | Buffer | null;
}

/** Names in a pickle are short; this is for those of modules and classes. */
const MAX_LINE = 256;

/**
 * Reads the next operation. With `build` false, texts and bytes are passed over instead of read.
 *
 * Throws UnsafePickleError for an operation that is not read, DemonstrationFileError where the file is damaged.
 */
export function nextInstruction(source: ByteSource, build: boolean): Instruction {
  const at = source.position;
  const code = source.next();
  if (code === -1) throw new DemonstrationFileError('it ends too early: there is no STOP');
  const operation = byCode[code];
  if (operation === undefined) {
    const name = REFUSED[code];
    if (name === undefined)
      throw new DemonstrationFileError(`it is not a pickle: byte ${code} at ${at} is no operation`);
    throw new UnsafePickleError(
      `it holds the operation ${name} at byte ${at}, which is not read: only lists of (state, action, reward, next_state, done) made of ` +
        'plain numbers and numpy arrays are, as pickle protocols 2 to 5 write them',
    );
  }
  const { name, layout } = operation;
  switch (layout.kind) {
    case 'none':
      return { name, argument: null };
    case 'unsigned':
    case 'signed':
      return { name, argument: readInteger(source, layout.width, layout.kind === 'signed') };
    case 'double':
      return { name, argument: source.take(8).readDoubleBE(0) };
    case 'frame':
      // Frames only say how much to read at once.
      source.skip(8);
      return { name, argument: null };
    case 'long':
      return { name, argument: readLong(source.take(readInteger(source, layout.width, false))) };
    case 'global':
      return { name, argument: `${readLine(source)}\n${readLine(source)}` };
  }
  const length = readInteger(source, layout.width, false);
  if (length > LIMITS.bytes)
    throw new DemonstrationFileError(
      `it has a piece of ${length} bytes at ${at}, and at most ${LIMITS.bytes} are read`,
    );
  if (!build) {
    source.skip(length);
    return { name, argument: null };
  }
  const bytes = source.take(length);
  return { name, argument: layout.kind === 'text' ? bytes.toString('utf8') : bytes };
}

function readInteger(source: ByteSource, width: 1 | 2 | 4 | 8, signed: boolean): number {
  if (width === 8) {
    const value = Number(source.take(8).readBigUInt64LE(0));
    if (!Number.isSafeInteger(value)) throw new DemonstrationFileError(`it claims a piece of ${value} bytes`);
    return value;
  }
  if (width === 1) {
    const byte = source.next();
    if (byte === -1) throw new DemonstrationFileError('it ends too early');
    return byte;
  }
  const bytes = source.take(width);
  return signed ? bytes.readIntLE(0, width) : bytes.readUIntLE(0, width);
}

/** A two's complement integer of any width; what a double cannot hold exactly is refused. */
function readLong(bytes: Buffer): number {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  value = BigInt.asIntN(8 * bytes.length, value);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new DemonstrationFileError('it holds an integer beyond 2^53');
  return number;
}

function readLine(source: ByteSource): string {
  let line = '';
  for (;;) {
    const byte = source.next();
    if (byte === 0x0a) return line;
    if (byte === -1 || line.length >= MAX_LINE) throw new DemonstrationFileError('it has a name without an end');
    line += String.fromCharCode(byte);
  }
}
