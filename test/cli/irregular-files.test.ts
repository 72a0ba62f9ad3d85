import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { irregularFile } from '../../src/common/regular-file.ts';
import { cli, here, runsFolder } from './run-cli.ts';

/** Commands that read the file, the code that each ends with, and what it says. */
const READERS: readonly (readonly [name: string, code: number, args: (path: string) => readonly string[]])[] = [
  ['a.pickle', 1, path => ['demos', 'inspect', path]],
  ['a.json', 1, path => ['demos', 'validate', path]],
  ['a.jsonl', 1, path => ['demos', 'convert', path, '--out', `${path}.json`]],
  ['a.hdf5', 1, path => ['demos', 'replay', path]],
  ['b.pickle', 1, path => ['train', '--demos', path, '--runs-dir', join(path, '..', 'runs')]],
  ['config.json', 2, path => ['train', '--config', path]],
  ['scene.xml', 1, path => ['train', '--scene', path, '--runs-dir', join(path, '..', 'runs')]],
  ['keys.json', 2, path => ['train', '--listen', 'tcp://127.0.0.1:0', '--keys', path]],
  ['policy.ts', 2, path => ['train', '--policy', path, '--runs-dir', join(path, '..', 'runs')]],
  ['step-000000001.checkpoint', 1, path => ['test', '--policy', path]],
  ['names.json', 2, path => ['simulator', 'build-scene', '--names', path, '--out', `${path}.ttt`]],
];

// A test that hangs here is one whose command waits for somebody to write into the pipe.
test.skipIf(process.platform === 'win32').each(READERS)('refuses a pipe at once: %s', async (name, code, args) => {
  const path = join(runsFolder(), name);
  execFileSync('mkfifo', [path]);
  const end = await here(...args(path));
  expect(end.stderr + end.stdout).toContain('it is a named pipe');
  expect(end.code).toBe(code);
});

test.skipIf(process.platform === 'win32')('refuses a pipe as an output, and leaves it', async () => {
  const folder = runsFolder();
  for (const name of ['a.mp4', 'a.pickle']) execFileSync('mkfifo', [join(folder, name)]);
  const video = await here('test', '--policy', 'a.checkpoint', '--video', join(folder, 'a.mp4'));
  expect(video.stderr).toContain('it is a named pipe');
  expect(video.code).toBe(2);
  const recording = await here('record', '--policy', 'random', '--out', join(folder, 'a.pickle'));
  expect(recording.stderr).toContain('it exists');
  expect(recording.code).toBe(2);
  expect(irregularFile(join(folder, 'a.pickle'))).toBe('a named pipe');
});

test.skipIf(process.platform === 'win32')('refuses directories and devices', async () => {
  const folder = runsFolder();
  mkdirSync(join(folder, 'a.pickle'));
  const directory = await here('demos', 'inspect', join(folder, 'a.pickle'));
  expect(directory.stderr).toContain('it is a directory, and a regular file is needed');
  expect(directory.code).toBe(1);
  const device = await here('train', '--config', '/dev/zero');
  expect(device.stderr).toContain('it is a device, and a regular file is needed');
  expect(device.code).toBe(2);
});

test.skipIf(process.platform === 'win32')('the real command ends, too', async () => {
  const path = join(runsFolder(), 'a.pickle');
  execFileSync('mkfifo', [path]);
  const { code, stderr } = await cli('demos', 'inspect', path);
  expect(stderr).toContain('it is a named pipe, and a regular file is needed');
  expect(code).toBe(1);
});
