import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crc32c, maskedCrc32c } from '../../src/training/crc32c.ts';
import { TensorBoardWriter } from '../../src/training/tensorboard.ts';
import { temporaryFolder } from './run-files.ts';

const fail = (error: unknown) => {
  throw error;
};

test.each([
  // RFC 3720, appendix B.4, whose bytes are written low byte first there.
  ['32 bytes of zeroes', new Uint8Array(32), 0x8a9136aa],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 bytes, incrementing', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['32 bytes, decrementing', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
])('CRC-32C of %s', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

/** The records of a TFRecord file, their checksums verified. */
function records(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(data));
    found.push(data);
    at += length + 16;
  }
  return found;
}

function write(folder: string): void {
  const first = new TensorBoardWriter(folder, null, 1_700_000_000, fail);
  first.scalars(100, 1_700_000_001.5, { 'rollout/return': -2.5, 'learner/criticLoss': 0.125 });
  first.scalars(5_000_000_000, 1_700_000_002, { 'rollout/return': 3 });
  first.close();
  const resumed = new TensorBoardWriter(folder, 100, 1_700_000_100, fail);
  resumed.scalars(200, 1_700_000_101, { 'rollout/return': 7.5 });
  resumed.close();
}

// What TensorBoard 2.21.0's own protobuf classes write for the same events: Event(...).SerializeToString().hex().
const VERSION = '0900000040fc54d9411a0d627261696e2e4576656e743a32';
const SCALAR = '0900008040fc54d9411080e497d0122a170a150a0e726f6c6c6f75742f72657475726e1500004040';
const RESTART = '0900000059fc54d94110643a020801';

test('an event file is records of the version, of restarts and of scalars, byte for byte as protobuf has them', () => {
  const folder = temporaryFolder();
  write(folder);
  const [first = '', second = ''] = readdirSync(folder).sort();
  const [version, , scalar] = records(readFileSync(join(folder, first)));
  expect(version?.toString('hex')).toBe(VERSION);
  expect(scalar?.toString('hex')).toBe(SCALAR);
  expect(records(readFileSync(join(folder, second)))[1]?.toString('hex')).toBe(RESTART);
});

const python = ['python3', process.env.GRASPBRIDGE_PYTHON ?? ''].find(
  program => program !== '' && spawnSync(program, ['-c', 'import tensorboard']).status === 0,
);

test.skipIf(python === undefined)(
  'TensorBoard itself reads what is written, and purges what a resumed run repeats',
  () => {
    const folder = temporaryFolder();
    write(folder);
    const script = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1])
events.Reload()
print(json.dumps({tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}))`;
    const output = execFileSync(python as string, ['-c', script, folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(JSON.parse(output.trim().split('\n').at(-1) as string)).toEqual({
      'rollout/return': [[200, 7.5]],
      'learner/criticLoss': [],
    });
  },
);
