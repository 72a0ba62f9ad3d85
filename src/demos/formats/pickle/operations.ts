import { LIMITS } from '../../episode.ts';
import { DemonstrationFileError, shown, UnsafePickleError } from '../../errors.ts';
import type { ByteSource } from '../byte-source.ts';

/** How an operation's argument is laid out behind its byte. */
type Layout =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'unsigned' | 'signed' | 'long' | 'bytes' | 'text' | 'latin1' | 'frame';
      readonly width: 1 | 2 | 4 | 8;
    }
  | { readonly kind: 'double' | 'global' }
  /** One line of text, as protocol 0 writes all of them. */
  | { readonly kind: 'line'; readonly parse: (line: string) => number | boolean | string };

interface Operation {
  readonly name: OperationName;
  readonly layout: Layout;
}

const NONE = { kind: 'none' } as const;
const line = (parse: (line: string) => number | boolean | string) => ({ kind: 'line', parse }) as const;

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
  LONG4: [0x8b, { kind: 'long', width: 4 }],
  BINFLOAT: [0x47, { kind: 'double' }],
  INT: [0x49, line(parseIntLine)],
  LONG: [0x4c, line(text => parseInteger(text.replace(/L$/, '')))],
  FLOAT: [0x46, line(parseFloatLine)],
  UNICODE: [0x56, line(parseUnicode)],
  STRING: [0x53, line(parseString)],
  BINSTRING: [0x54, { kind: 'latin1', width: 4 }],
  SHORT_BINSTRING: [0x55, { kind: 'latin1', width: 1 }],
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
  EMPTY_DICT: [0x7d, NONE],
  DICT: [0x64, NONE],
  SETITEM: [0x73, NONE],
  SETITEMS: [0x75, NONE],
  GET: [0x67, line(parseInteger)],
  PUT: [0x70, line(parseInteger)],
  BINGET: [0x68, { kind: 'unsigned', width: 1 }],
  LONG_BINGET: [0x6a, { kind: 'unsigned', width: 4 }],
  BINPUT: [0x71, { kind: 'unsigned', width: 1 }],
  LONG_BINPUT: [0x72, { kind: 'unsigned', width: 4 }],
  MEMOIZE: [0x94, NONE],
  GLOBAL: [0x63, { kind: 'global' }],
  STACK_GLOBAL: [0x93, NONE],
  REDUCE: [0x52, NONE],
  BUILD: [0x62, NONE],
  // Carried out only as far as it takes to name what they would make.
  NEWOBJ: [0x81, NONE],
  NEWOBJ_EX: [0x92, NONE],
} as const satisfies Readonly<Record<string, readonly [number, Layout]>>;

export type OperationName = keyof typeof READ;

/** The byte of an operation, for writing it. */
export function opcode(name: OperationName): number {
  return READ[name][0];
}

const SET = 'a set; use a list';
const OUT_OF_BAND = 'numbers that are not in this file: pickle it again without buffer_callback';
const PERSISTENT = 'objects that are kept elsewhere, as torch.save does: convert them with numpy.asarray first';
const EXTENSION = "a class by its number in Python's extension registry";
const INSTANCE = 'an object of a class; no class in a file is ever used';

/** The other operations there are, by code: name, and what they mean for the file. */
const REFUSED: Readonly<Record<number, readonly [name: string, meaning: string]>> = {
  151: ['NEXT_BUFFER', OUT_OF_BAND],
  152: ['READONLY_BUFFER', OUT_OF_BAND],
  50: ['DUP', 'no pickle of Python has it'],
  143: ['EMPTY_SET', SET],
  144: ['ADDITEMS', SET],
  145: ['FROZENSET', SET],
  105: ['INST', INSTANCE],
  111: ['OBJ', INSTANCE],
  130: ['EXT1', EXTENSION],
  131: ['EXT2', EXTENSION],
  132: ['EXT4', EXTENSION],
  80: ['PERSID', PERSISTENT],
  81: ['BINPERSID', PERSISTENT],
};

const byCode: (Operation | undefined)[] = [];
for (const [name, [code, layout]] of Object.entries(READ)) byCode[code] = { name: name as OperationName, layout }; // Its own keys.

/** An operation as it stands in the file. */
export interface Instruction {
  readonly name: OperationName;
  readonly argument: number | boolean | string | Buffer | null;
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
    const refused = REFUSED[code];
    if (refused === undefined)
      throw new DemonstrationFileError(`it is not a pickle: byte ${code} at ${at} is no operation`);
    const [name, meaning] = refused;
    throw new UnsafePickleError(`it holds the operation ${name} at byte ${at}, which is not read: ${meaning}`);
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
    case 'line':
      return { name, argument: layout.parse(readText(source)) };
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
  return { name, argument: decode(bytes, layout.kind) };
}

function decode(bytes: Buffer, kind: 'bytes' | 'text' | 'latin1'): string | Buffer {
  if (kind === 'bytes') return bytes;
  return bytes.toString(kind === 'text' ? 'utf8' : 'latin1');
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

/** A line of protocol 0, which may hold an array's bytes. */
function readText(source: ByteSource): string {
  const bytes = source.takeLine(LIMITS.bytes);
  if (bytes === null) throw new DemonstrationFileError('it has a line without an end');
  return bytes.toString('latin1', 0, bytes.length - 1);
}

function parseInteger(text: string): number {
  const number = /^[+-]?\d{1,32}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(number))
    throw new DemonstrationFileError(`it holds "${shown(text, 20)}" as an integer, which is none up to 2^53`);
  return number;
}

/** Protocol 0 writes False and True as numbers with a zero before them. */
function parseIntLine(text: string): number | boolean {
  if (text === '00' || text === '01') return text === '01';
  return parseInteger(text);
}

function parseFloatLine(text: string): number {
  const special: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity };
  const number = special[text] ?? (/^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text) ? Number(text) : null);
  if (number === null || (Number.isNaN(number) && text !== 'nan'))
    throw new DemonstrationFileError(`it holds "${shown(text, 20)}" as a number`);
  return number;
}

/** Python's codec raw-unicode-escape. */
function parseUnicode(text: string): string {
  return text.replace(/\\u([0-9a-f]{4})|\\U000([0-9a-f]{5})/gi, (_, short?: string, long?: string) =>
    String.fromCodePoint(Number.parseInt(short ?? long ?? '', 16)),
  );
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** What Python 2 writes of its texts, which are bytes, in quotes. */
function parseString(text: string): string {
  const quoted = /^(['"])([\s\S]*)\1$/.exec(text)?.[2];
  if (quoted === undefined) throw new DemonstrationFileError('it has a text without quotes');
  return quoted.replace(
    /\\(?:x([0-9a-f]{2})|([0-7]{1,3})|([\s\S]))/gi,
    (_, hex?: string, octal?: string, other?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
      return ESCAPES[other ?? ''] ?? other ?? '';
    },
  );
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
