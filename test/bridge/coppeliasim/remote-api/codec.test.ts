import { describe, expect, test } from 'vitest';
import { CborFloat, decodeMessage, encodeMessage } from '../../../../src/bridge/coppeliasim/remote-api/index.ts';
import { MessageError } from '../../../../src/bridge/errors.ts';
import { UsageError } from '../../../../src/common/errors.ts';
import { readRecording } from './recording.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => Buffer.from(text, 'hex');

/** RFC 8949, appendix A: what the remote API can meet of it. */
const examples: readonly (readonly [unknown, string])[] = [
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [1000, '1903e8'],
  [1000000, '1a000f4240'],
  [1000000000000, '1b000000e8d4a51000'],
  [18446744073709551615n, '1bffffffffffffffff'],
  [-18446744073709551616n, '3bffffffffffffffff'],
  [-1, '20'],
  [-1000, '3903e7'],
  [-0, 'f98000'],
  [1.5, 'f93e00'],
  [65504, 'f97bff'],
  [100000, 'fa47c35000'],
  [3.4028234663852886e38, 'fa7f7fffff'],
  [1.0e300, 'fb7e37e43c8800759c'],
  [2 ** -24, 'f90001'],
  [0.00006103515625, 'f90400'],
  [-4, 'f9c400'],
  [-4.1, 'fbc010666666666666'],
  [Number.POSITIVE_INFINITY, 'f97c00'],
  [Number.NaN, 'f97e00'],
  [Number.NEGATIVE_INFINITY, 'fbfff0000000000000'],
  [false, 'f4'],
  [true, 'f5'],
  [null, 'f6'],
  [null, 'f7'],
  [new Uint8Array([1, 2, 3, 4]), '4401020304'],
  ['', '60'],
  ['"\\', '62225c'],
  ['ü', '62c3bc'],
  ['水', '63e6b0b4'],
  [[], '80'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [{}, 'a0'],
  [
    new Map([
      [1, 2],
      [3, 4],
    ]),
    'a201020304',
  ],
  [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
  [new Uint8Array([1, 2, 3, 4, 5]), '5f42010243030405ff'],
  ['streaming', '7f657374726561646d696e67ff'],
  [[1, [2, 3], [4, 5]], '9f018202039f0405ffff'],
  [{ a: 1, b: [2, 3] }, 'bf61610161629f0203ffff'],
];

test.each(examples)('%o is read from what RFC 8949 gives for it, %s', (value, encoded) => {
  expect(decodeMessage(bytes(encoded))).toEqual(value);
});

test('what was read is written as it was: every message of the recording but three with whole floats', () => {
  let same = 0;
  let all = 0;
  for (const { send, recv } of [...readRecording().values()].flat()) {
    all += 2;
    // The official client sends doubles, the simulator the smallest width.
    if (hex(encodeMessage(decodeMessage(send))) === hex(send)) same++;
    if (hex(encodeMessage(decodeMessage(recv), { floats: 'smallest' })) === hex(recv)) same++;
  }
  // A time of 0.0, a height of 2.0 and a force of 0.0, which come back as integers.
  expect(all - same).toBe(3);
});

test('floats keep every bit in both widths', () => {
  const numbers = [-0, 0.1, 1 / 3, Math.fround(1 / 3), 2 ** -24, 2 ** -25, 65504, 65505.5, 1e300, Number.MIN_VALUE];
  for (const floats of ['double', 'smallest'] as const)
    for (const number of numbers) expect(decodeMessage(encodeMessage(number, { floats }))).toBe(number);
});

test('whole numbers go as integers, unless they are said to be floats', () => {
  expect(hex(encodeMessage([1, new CborFloat(1), new Float64Array([1]), new Float32Array([0.5])]))).toBe(
    '8401fb3ff000000000000081fb3ff000000000000081fb3fe0000000000000',
  );
  expect(hex(encodeMessage(new CborFloat(0), { floats: 'smallest' }))).toBe('f90000');
  expect(hex(encodeMessage(new Int32Array([-1, 500])))).toBe('82201901f4');
});

test('text and bytes stay apart, and so do lists and maps that are empty', () => {
  expect(hex(encodeMessage(['a', Buffer.from('a'), [], {}]))).toBe('8461614161' + '80a0');
});

test('a key is only a key', () => {
  const read = decodeMessage(encodeMessage(JSON.parse('{"__proto__": 1, "constructor": 2}'))) as object;
  // Nothing is inherited, and what looks like a prototype is none.
  expect('toString' in read || 'valueOf' in read).toBe(false);
  expect(Object.entries(read)).toEqual([
    ['__proto__', 1],
    ['constructor', 2],
  ]);
});

test('bytes that were read do not change with the message they came in', () => {
  const message = bytes('43010203');
  const read = decodeMessage(message);
  message.fill(0);
  expect(read).toEqual(new Uint8Array([1, 2, 3]));
});

describe('damaged messages are refused', () => {
  test.each([
    ['empty', ''],
    ['cut short', '8301'],
    ['more than one value', '0000'],
    ['text that is not UTF-8', '61ff'],
    ['long text that is not UTF-8', `7820${'ff'.repeat(32)}`],
    ['bytes longer than the message', '5affffffff00'],
    ['text of 2^63 bytes', '7b800000000000000000'],
    ['a list of 2^32 - 1 items', '9affffffff00'],
    ['a map of 2^64 - 1 entries', 'bbffffffffffffffff00'],
    ['a tag: a class, a reference, a date', 'c11a514b67b0'],
    ['a tag around nothing', 'd8'],
    ['a reserved length', '1c'],
    ['an unknown simple value', 'e0'],
    ['a stop code out of place', 'ff'],
    ['a chunk of another kind', '5f6161ff'],
    ['a list as a key', 'a18001'],
    ['null as a key', 'a1f601'],
    ['a map without its last value', 'a16161'],
  ])('%s', (_, message) => {
    expect(() => decodeMessage(bytes(message))).toThrow(MessageError);
  });

  test('too deep, too long, too many', () => {
    const limits = { bytes: 100, depth: 5, items: 10 };
    expect(() => decodeMessage(Buffer.alloc(101), limits)).toThrow(/100 are allowed/);
    expect(decodeMessage(bytes('818181818100'), limits)).toEqual([[[[[0]]]]]);
    expect(() => decodeMessage(bytes('81818181818100'), limits)).toThrow(/more than 5 deep/);
    expect(() => decodeMessage(bytes(`8a${'00'.repeat(10)}`), limits)).toThrow(/more than 10 values/);
    expect(() => decodeMessage(bytes(`9f${'00'.repeat(10)}ff`), limits)).toThrow(/more than 10 values/);
    expect(() => decodeMessage(bytes(`5f${'40'.repeat(10)}ff`), limits)).toThrow(/more than 10 values/);
    // Deep enough to exhaust the stack, were it not counted.
    expect(() => decodeMessage(Buffer.alloc(1 << 20, 0x81))).toThrow(MessageError);
  });
});

test('what has no plain form is refused before it is sent', () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  for (const value of [cycle, () => 0, Symbol('a'), new Date(0), new Map([[[], 1]]), 1n << 64n])
    expect(() => encodeMessage(value)).toThrow(UsageError);
});
