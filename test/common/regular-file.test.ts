import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeFileAtomically } from '../../src/common/atomic-file.ts';
import { UsageError } from '../../src/common/errors.ts';
import { checkRegularFile, irregularFile, openingReason, readTextFile } from '../../src/common/regular-file.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'graspbridge-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('names what is no regular file', async () => {
  const folder = temporaryFolder();
  expect(irregularFile(folder)).toBe('a directory');
  expect(irregularFile(join(folder, 'missing'))).toBeNull();
  writeFileSync(join(folder, 'file'), 'text');
  expect(irregularFile(join(folder, 'file'))).toBeNull();
  expect(readTextFile(join(folder, 'file'))).toBe('text');
});

test.skipIf(process.platform === 'win32')('leaves what cannot be looked at to opening, which names the reason', () => {
  const folder = temporaryFolder();
  const reasonOf = (path: string) => {
    expect(irregularFile(path)).toBeNull();
    try {
      return readTextFile(path);
    } catch (error) {
      return openingReason(error);
    }
  };
  symlinkSync('loop', join(folder, 'loop'));
  writeFileSync(join(folder, 'file'), 'text');
  expect(reasonOf(join(folder, 'loop'))).toBe('it cannot be opened: it is a symbolic link to itself');
  expect(reasonOf(join(folder, 'file', 'below'))).toBe('it cannot be opened: there is no such file');
  expect(reasonOf(join(folder, 'missing'))).toBe('it cannot be opened: there is no such file');
});

test.skipIf(process.platform === 'win32')('names pipes, sockets and devices, and links to them', async () => {
  const folder = temporaryFolder();
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  symlinkSync(pipe, join(folder, 'link'));
  const socket = createServer().listen(join(folder, 'socket'));
  await new Promise(done => socket.once('listening', done));
  expect(irregularFile(pipe)).toBe('a named pipe');
  expect(irregularFile(join(folder, 'link'))).toBe('a named pipe');
  expect(irregularFile(join(folder, 'socket'))).toBe('a socket');
  expect(irregularFile('/dev/null')).toBe('a device');
  await new Promise(done => socket.close(done));
  for (const path of [pipe, '/dev/zero', folder]) {
    expect(() => checkRegularFile(path)).toThrow(UsageError);
    expect(() => readTextFile(path)).toThrow('and a regular file is needed');
  }
});

test.skipIf(process.platform === 'win32')('a pipe is not replaced by a file', () => {
  const pipe = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(() => writeFileAtomically(pipe, 'text')).toThrow('it is a named pipe, and a regular file is needed');
  expect(irregularFile(pipe)).toBe('a named pipe');
});
