import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { InstanceLog } from '../../../../src/bridge/coppeliasim/supervisor/instance-log.ts';

test('a log that never ends keeps to its bounds, on disk and in memory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'graspbridge-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'simulator.log');
  const log = new InstanceLog(path, 1000);
  onTestFinished(() => log.close());
  for (let i = 0; i < 500; i++) log.append(`line ${i}\n`);
  log.append('x'.repeat(5000));
  expect(readdirSync(folder).sort()).toEqual(['simulator.log', 'simulator.log.1']);
  for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).size).toBeLessThanOrEqual(1000);
  expect(readFileSync(path, 'utf8')).toBe('x'.repeat(1000));
  const tail = log.tail().split('\n');
  expect(tail).toHaveLength(20);
  expect(tail.at(-2)).toBe('  line 499');
  expect(tail.at(-1)?.length).toBeLessThan(500);
});

test('lines that come in pieces are put together, without what would colour a terminal', () => {
  const log = new InstanceLog(undefined);
  for (const piece of ['first ', 'line\nsec', 'ond\x1b[31m red\x07\n', '']) log.append(piece);
  expect(log.tail()).toBe('  first line\n  second red');
  expect(new InstanceLog(undefined).tail()).toContain('printed nothing');
});

test('a log that cannot be put aside writes to no other file, whoever has its descriptor then', () => {
  const folder = mkdtempSync(join(tmpdir(), 'graspbridge-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'log');
  mkdirSync(join(`${path}.1`, 'in-the-way'), { recursive: true });
  const log = new InstanceLog(path, 100);
  log.append('x'.repeat(90));
  log.append('y'.repeat(90));
  // The lowest free number is the one that the log had.
  const other = openSync(join(folder, 'other'), 'w');
  log.append('z');
  log.close();
  writeSync(other, 'mine');
  closeSync(other);
  expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('mine');
});
