import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { StateDict } from '../../src/common/state-dict.ts';
import { readCheckpoint } from '../../src/training/checkpoint.ts';
import { RunCheckpoints } from '../../src/training/run-checkpoints.ts';
import { temporaryFolder } from './run-files.ts';

function open(aside: boolean, directory = temporaryFolder()) {
  const told: string[] = [];
  const checkpoints = new RunCheckpoints({
    ...{ directory, keep: 2, aside },
    onSaved: (path, envSteps) => told.push(`${basename(path)} ${envSteps}`),
    onFailed: error => told.push(`failed: ${error.message}`),
  });
  onTestFinished(() => checkpoints.close());
  return { checkpoints, told, directory };
}

const meta = (envSteps: number) => ({
  config: { env: 'Point-v0', algorithm: 'sac' },
  envSteps,
  updates: 1,
  evaluation: null,
});

test('a checkpoint written aside is byte for byte the one written at once, and what happens to the state meanwhile is not in it', async () => {
  const weights = Float32Array.from({ length: 300_000 }, (_, i) => Math.sin(i));
  // A view into something larger, as a replay that is not full.
  const state = { seen: 3, names: ['a', null], replay: { rows: weights.subarray(10, 200_000) }, weights };
  const [atOnce, aside] = [open(false), open(true)];
  await atOnce.checkpoints.save(async () => ({ meta: meta(7), state }));
  await aside.checkpoints.save(async () => ({ meta: meta(7), state }));
  weights.fill(0);
  await aside.checkpoints.settled();
  const name = 'step-000000007.checkpoint';
  expect(aside.told).toEqual([`${name} 7`]);
  expect(atOnce.told).toEqual(aside.told);
  const written = readFileSync(join(aside.directory, name));
  expect(written.equals(readFileSync(join(atOnce.directory, name)))).toBe(true);
  expect(readCheckpoint(join(aside.directory, name)).state).toMatchObject({ seen: 3, names: ['a', null] });
});

test('they are written one after the other, the state of each taken when its turn comes; the last ones stay', async () => {
  const { checkpoints, told, directory } = open(true);
  let now = 0;
  const take = async () => ({ meta: meta(++now), state: { now } });
  for (let i = 0; i < 6; i++) await checkpoints.save(take);
  // The last one is under way, with those before it on disk.
  expect(told.length).toBeGreaterThanOrEqual(5);
  await checkpoints.settled();
  expect(now).toBe(6);
  expect(told.at(-1)).toBe('step-000000006.checkpoint 6');
  expect(checkpoints.saved).toEqual({ envSteps: 6, path: join(directory, 'step-000000006.checkpoint') });
  expect(checkpoints.store.list().map(path => basename(path))).toEqual([
    'step-000000005.checkpoint',
    'step-000000006.checkpoint',
  ]);
});

test.each([false, true])('one that cannot be written (aside: %s) is told of, and the one before stays', async aside => {
  const parent = temporaryFolder();
  const directory = join(parent, 'checkpoints');
  mkdirSync(directory);
  const { checkpoints, told } = open(aside, directory);
  await checkpoints.save(async () => ({ meta: meta(1), state: { a: 1 } }));
  await checkpoints.settled();
  const good = readFileSync(join(directory, 'step-000000001.checkpoint'));
  // A file in the folder's place: nothing can be written there, by root neither.
  rmSync(directory, { recursive: true });
  writeFileSync(directory, '');
  await checkpoints.save(async () => ({ meta: meta(2), state: { a: 2 } }));
  await checkpoints.settled();
  expect(told[1]).toMatch(/^failed: Writing the checkpoint .*step-000000002\.checkpoint failed/);
  expect(checkpoints.saved?.envSteps).toBe(1);
  expect(checkpoints.describeLatest()).toBe('There is no checkpoint yet.');
  rmSync(directory);
  mkdirSync(directory);
  writeFileSync(join(directory, 'step-000000001.checkpoint'), good);
  await checkpoints.save(async () => ({ meta: meta(3), state: { a: 3 } }));
  await checkpoints.settled();
  expect(checkpoints.saved?.envSteps).toBe(3);
  expect(checkpoints.describeLatest()).toContain('step-000000003.checkpoint');
});

test('a thread that breaks down costs its checkpoint, and the next has another', async () => {
  const { checkpoints, told } = open(true);
  // Nested deeper than any state that can be read again.
  let deep: StateDict = {};
  for (let i = 0; i < 200; i++) deep = { deep };
  await checkpoints.save(async () => ({ meta: meta(1), state: deep }));
  await checkpoints.settled();
  expect(told).toEqual([expect.stringMatching(/^failed: Writing a checkpoint failed: .*nested more than/)]);
  await checkpoints.save(async () => ({ meta: meta(2), state: { a: 2 } }));
  await checkpoints.settled();
  expect(told[1]).toBe('step-000000002.checkpoint 2');
});
