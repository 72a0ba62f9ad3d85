import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AppendFile } from '../../src/common/append-file.ts';

const full = '/dev/full';

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'graspbridge-append-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'log');
}

test('keeps so many bytes of what is there, and goes on after them', () => {
  const path = temporaryFile();
  writeFileSync(path, 'one\ntwo\nthr');
  const file = new AppendFile(path, 8, () => {});
  file.append(Buffer.from('three\n'));
  file.append(Buffer.from('four\n'));
  file.close();
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\nfour\n');
});

test.skipIf(process.platform !== 'linux')('a full disk is told once, and stops nobody', () => {
  const problems: unknown[] = [];
  // /dev/full refuses every write with ENOSPC, full(4).
  const file = new AppendFile(full, 0, error => problems.push(error));
  file.append(Buffer.from('one\n'));
  file.append(Buffer.from('two\n'));
  file.close();
  expect(problems).toHaveLength(1);
  expect(String(problems[0])).toContain('ENOSPC');
});
