import { pack } from 'msgpackr';
import { expect, test } from 'vitest';
import { Random } from '../../../src/common/random.ts';
import { decodeDown, decodeUp } from '../../../src/training/bus/codec.ts';
import {
  decodeState,
  encodeEnvelope,
  encodeState,
  floatsOf,
  LIMITS,
  MessageRefused,
} from '../../../src/training/bus/index.ts';

const EXPERIENCE = {
  kind: 'experience',
  run: 'run',
  session: 'session',
  seq: 3,
  oldest: 2,
  steps: 4,
  rows: 1,
  weights: 9,
  episodes: [[-1.5, 30, true, '']] as [number, number, boolean, string][],
} as const;

/** Why it was refused. */
function refusal(decode: () => unknown): string {
  try {
    decode();
  } catch (error) {
    expect(error).toBeInstanceOf(MessageRefused);
    return (error as MessageRefused).reason;
  }
  return 'taken';
}

test('a message comes back as it was sent, its numbers untouched', () => {
  const numbers = Float32Array.of(1, -0, Math.fround(0.1), 3e38);
  const { message, payload } = decodeUp([encodeEnvelope(EXPERIENCE), new Uint8Array(numbers.buffer)]);
  expect(message).toEqual(EXPERIENCE);
  expect(floatsOf(payload[0] as Uint8Array)).toEqual(numbers);
});

test('numbers that lie askew in memory are read all the same', () => {
  const numbers = Float32Array.of(1.5, 2.5);
  const askew = new Uint8Array(9);
  askew.set(new Uint8Array(numbers.buffer), 1);
  expect(floatsOf(askew.subarray(1))).toEqual(numbers);
});

test('a state of any shape comes back as it was', () => {
  const state = { a: Float32Array.of(1, 2), deep: { n: Number.NaN, words: Int32Array.of(-1), list: [1, null, 'x'] } };
  const { tree, arrays, frames } = encodeState(state);
  expect(decodeState(tree, arrays, frames)).toEqual(state);
  expect(refusal(() => decodeState(tree, arrays, frames.slice(1)))).toBe('garbage');
  let nested: unknown = 1;
  for (let i = 0; i < 1000; i++) nested = [nested];
  expect(refusal(() => decodeState({ nested }, [], []))).toBe('garbage');
});

test('what is no message of the other side is refused', () => {
  expect(refusal(() => decodeUp([]))).toBe('garbage');
  expect(refusal(() => decodeUp([Buffer.alloc(0)]))).toBe('garbage');
  expect(refusal(() => decodeUp([Buffer.from('GET / HTTP/1.1\r\n')]))).toBe('garbage');
  expect(refusal(() => decodeUp([pack({ ...EXPERIENCE, more: 1 }), Buffer.alloc(4)]))).toBe('garbage');
  expect(refusal(() => decodeUp([pack({ ...EXPERIENCE, seq: -1 }), Buffer.alloc(4)]))).toBe('garbage');
  expect(refusal(() => decodeUp([pack({ ...EXPERIENCE, rows: 1e9 }), Buffer.alloc(4)]))).toBe('garbage');
  expect(refusal(() => decodeUp([encodeEnvelope(EXPERIENCE)]))).toBe('garbage');
  expect(refusal(() => decodeUp([pack({ kind: 'unknown' })]))).toBe('garbage');
  expect(refusal(() => decodeDown([encodeEnvelope(EXPERIENCE), Buffer.alloc(4)]))).toBe('garbage');
});

test('what is too large is refused before it is looked at', () => {
  expect(refusal(() => decodeUp([Buffer.alloc(LIMITS.envelope + 1, 0xc0)]))).toBe('oversized');
  const frames = Array.from({ length: LIMITS.frames + 1 }, () => Buffer.alloc(1));
  expect(refusal(() => decodeUp(frames))).toBe('oversized');
});

test('MessagePack that claims billions of items, or nests without end, is garbage like any other', () => {
  expect(refusal(() => decodeUp([Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff])]))).toBe('garbage');
  expect(refusal(() => decodeUp([Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff])]))).toBe('garbage');
  expect(refusal(() => decodeUp([Buffer.alloc(LIMITS.envelope, 0x91)]))).toBe('garbage');
});

test('whatever bytes come, they are taken or refused, and nothing else happens', () => {
  const random = new Random(1);
  const good = encodeEnvelope(EXPERIENCE);
  let refused = 0;
  for (let trial = 0; trial < 5_000; trial++) {
    const bytes = trial % 2 === 0 ? Buffer.from(good) : Buffer.alloc(random.integer(200));
    const changes = trial % 2 === 0 ? 1 + random.integer(4) : bytes.length;
    for (let i = 0; i < changes; i++) bytes[random.integer(bytes.length || 1)] = random.integer(256);
    if (refusal(() => decodeUp([bytes, Buffer.alloc(4)])) !== 'taken') refused++;
  }
  expect(refused).toBeGreaterThan(3_000);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
