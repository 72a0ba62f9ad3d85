import { closeSync, openSync, readdirSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Checkpoint, readCheckpoint, readCheckpointMeta, writeCheckpoint } from '../../src/training/checkpoint.ts';
import { CheckpointStore } from '../../src/training/checkpoint-store.ts';
import { CheckpointDamagedError, CheckpointWriteError } from '../../src/training/errors.ts';
import { temporaryFolder } from './run-files.ts';

const meta = {
  config: { env: 'Point-v0', algorithm: 'sac', seed: 1 },
  envSteps: 1234,
  updates: 1000,
  evaluation: { episodes: 50, successRate: 0.5, meanReturn: -1.5 },
};

const checkpoint: Checkpoint = {
  meta,
  state: {
    weights: Float32Array.of(1.5, -0, Number.NaN, 3e-45),
    odd: Uint8Array.of(1, 2, 3),
    empty: new Float64Array(0),
    view: new Int32Array([9, 8, 7, 6]).subarray(1, 3),
    words: Uint32Array.of(0xffffffff),
    nested: { list: [1, 'two', null, true, { deep: Float64Array.of(Math.PI) }] },
    numbers: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.1, 2 ** 53 - 1],
    __proto__: null,
  },
};

/** Writes bytes into a file at a place. */
function poke(path: string, position: number, bytes: readonly number[]): void {
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, Uint8Array.from(bytes), 0, bytes.length, position);
  closeSync(descriptor);
}

test('what is written is read back, every bit of it', () => {
  const path = join(temporaryFolder(), 'a.checkpoint');
  writeCheckpoint(path, checkpoint);
  const read = readCheckpoint(path);
  expect(read.meta).toEqual(meta);
  expect(Object.keys(read.state)).toEqual(Object.keys(checkpoint.state));
  for (const [key, value] of Object.entries(checkpoint.state)) expect(read.state[key], key).toStrictEqual(value);
  expect(Object.is((read.state.numbers as number[])[3], -0)).toBe(true);
  expect(readCheckpointMeta(path)).toEqual(meta);
});

test('a checkpoint cut short at any length is refused, by name', () => {
  const path = join(temporaryFolder(), 'a.checkpoint');
  writeCheckpoint(path, checkpoint);
  const { length } = readFileSync(path);
  for (const size of [length - 1, length - 40, 100, 20, 0]) {
    truncateSync(path, size);
    expect(() => readCheckpoint(path), `${size} bytes`).toThrow(CheckpointDamagedError);
    expect(() => readCheckpoint(path), `${size} bytes`).toThrow(path);
  }
});

test('a single changed bit anywhere is found', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.checkpoint');
  writeCheckpoint(path, checkpoint);
  const bytes = readFileSync(path);
  for (let position = 0; position < bytes.length; position += 7) {
    poke(path, position, [(bytes[position] as number) ^ 0x10]);
    expect(() => readCheckpoint(path), `bit of byte ${position}`).toThrow(CheckpointDamagedError);
    poke(path, position, [bytes[position] as number]);
  }
  expect(readCheckpoint(path).meta).toEqual(meta);
});

test('a foreign file, a later version and a missing file are told apart', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.checkpoint');
  writeFileSync(path, `{"format": "graspbridge-checkpoint"}${' '.repeat(100)}`);
  expect(() => readCheckpoint(path)).toThrow('it is not a graspbridge checkpoint');
  writeCheckpoint(path, checkpoint);
  poke(path, 8, [2]);
  expect(() => readCheckpoint(path)).toThrow('it has format version 2, and this program reads version 1');
  expect(() => readCheckpoint(join(folder, 'none'))).toThrow('it cannot be opened');
});

test('a header that claims more than the file holds allocates nothing', () => {
  const path = join(temporaryFolder(), 'a.checkpoint');
  writeCheckpoint(path, { meta, state: { weights: new Float32Array(2) } });
  const bytes = readFileSync(path);
  const lie = bytes.indexOf('"length":2');
  poke(path, lie, [...Buffer.from('"length":9e15'.slice(0, 10))]);
  expect(() => readCheckpoint(path)).toThrow(CheckpointDamagedError);
  poke(path, 12, [0xff, 0xff, 0xff, 0x7f]);
  expect(() => readCheckpoint(path)).toThrow('its header would be 2147483647 bytes long');
});

test('where the disk is full nothing is left behind, and the checkpoint before stays', () => {
  const folder = temporaryFolder();
  const good = new CheckpointStore(folder).save(meta, checkpoint.state);
  let room = 300;
  const full = new CheckpointStore(folder, 2, {
    write(descriptor, bytes) {
      // As a disk does it: takes what fits, refuses the rest at the next try.
      if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      const taken = Math.min(room, bytes.byteLength);
      room -= taken;
      return writeSync(descriptor, bytes, 0, taken);
    },
    sync() {},
  });
  expect(() => full.save({ ...meta, envSteps: 2000 }, checkpoint.state)).toThrow(CheckpointWriteError);
  expect(() => full.save({ ...meta, envSteps: 2000 }, checkpoint.state)).toThrow('no space left on device');
  expect(readdirSync(folder)).toEqual([good.split('/').at(-1)]);
  expect(readCheckpoint(good).meta).toEqual(meta);
});

test('the last two checkpoints are kept, and the best: by success rate, then by return, the later of equals', () => {
  const store = new CheckpointStore(temporaryFolder(), 2);
  const evaluation = (successRate: number, meanReturn: number) => ({ episodes: 50, successRate, meanReturn });
  const save = (envSteps: number, at: ReturnType<typeof evaluation> | null) =>
    store.save({ ...meta, envSteps, evaluation: at }, {});
  const steps = () => store.list().map(path => Number(/\d{9}/.exec(path)?.[0]));
  expect(store.latest()).toBeNull();
  save(1000, evaluation(0.2, 5));
  save(2000, evaluation(0.9, 1));
  const best = save(3000, evaluation(0.9, 2));
  save(4000, evaluation(0.1, 9));
  save(10_000, null);
  save(20_000, null);
  expect(steps()).toEqual([3000, 10_000, 20_000]);
  expect(store.best()).toBe(best);
  const equal = save(30_000, evaluation(0.9, 2));
  expect(store.best()).toBe(equal);
  expect(steps()).toEqual([20_000, 30_000]);
});
