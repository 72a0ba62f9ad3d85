import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../src/training/checkpoint.ts';
import { findCheckpoint, RunDirectory } from '../../src/training/index.ts';
import { temporaryFolder } from './run-files.ts';

const meta = {
  config: { env: 'Point-v0', algorithm: 'sac', seed: 1 },
  envSteps: 5,
  updates: 5,
  evaluation: null,
};

/** A run with one checkpoint, whose summary names another one elsewhere. */
function runNaming(elsewhere: (folder: string) => string): { readonly folder: string; readonly run: string } {
  const folder = temporaryFolder();
  const run = join(folder, 'run');
  for (const made of [join(run, 'checkpoints'), join(folder, 'other')]) mkdirSync(made, { recursive: true });
  writeFileSync(join(run, 'config.json'), JSON.stringify({ training: meta.config }));
  writeCheckpoint(join(run, 'checkpoints', 'step-000000005.checkpoint'), { meta, state: {} });
  writeCheckpoint(join(folder, 'other', 'step-000000009.checkpoint'), { meta, state: {} });
  writeFileSync(join(run, 'summary.json'), JSON.stringify({ interrupted: false, checkpoint: elsewhere(folder) }));
  return { folder, run };
}

test.each([
  ['an absolute path', (folder: string) => join(folder, 'other', 'step-000000009.checkpoint')],
  ['a relative path', () => '../../other/step-000000009.checkpoint'],
  ['a path of Windows', () => '..\\..\\other\\step-000000009.checkpoint'],
  ['a host of the network', () => '\\\\host\\share\\step-000000009.checkpoint'],
])('a summary that names %s opens no checkpoint outside the run', (_, elsewhere) => {
  const { folder, run } = runNaming(elsewhere);
  const found = findCheckpoint({ run, runsDirectory: folder });
  expect(found).toBe(join(run, 'checkpoints', 'step-000000005.checkpoint'));
});

test('names in a checkpoint are data', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.checkpoint');
  const state = { '../evil': 'text', nested: { '/etc/passwd': Float32Array.of(1), 'C:\\evil': ['../../evil'] } };
  writeCheckpoint(path, { meta, state });
  expect(readCheckpoint(path).state).toEqual(state);
  expect(readdirSync(folder)).toEqual(['a.checkpoint']);
});

test.each(['../evil', '/elsewhere/evil', 'a/b', 'a\\b', '..', '.hidden', 'a\0b', ''])(
  'no run is made by the name %j',
  name => {
    const folder = temporaryFolder();
    expect(() => RunDirectory.create(join(folder, 'runs'), name)).toThrow('A run cannot be named');
    expect(readdirSync(folder)).toEqual([]);
  },
);
