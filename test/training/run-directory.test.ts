import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunExistsError, RunLockedError, RunNotFoundError } from '../../src/training/errors.ts';
import { defaultRunName, listRuns, RunDirectory } from '../../src/training/run-directory.ts';
import { temporaryFolder } from './run-files.ts';

test('a default name says environment, algorithm, seed and time, and is made unique', () => {
  const name = defaultRunName('SawyerGrasp-v1', 'sac', 1, new Date(2026, 10, 20, 10, 15, 0));
  expect(name).toBe('SawyerGrasp-v1-sac-1-20261120-101500');
  const runs = temporaryFolder();
  const names = [1, 2, 3].map(() => RunDirectory.createUnique(runs, name).name);
  expect(names).toEqual([name, `${name}-2`, `${name}-3`]);
});

test('a folder that exists is never taken, whatever is in it', () => {
  const runs = temporaryFolder();
  RunDirectory.create(runs, 'mine');
  expect(() => RunDirectory.create(runs, 'mine')).toThrow(RunExistsError);
  expect(() => RunDirectory.checkNew(runs, 'mine')).toThrow(RunExistsError);
});

test.each(['../x', 'a/b', '', '.hidden', 'a b', 'x'.repeat(129)])('"%s" is no name for a run', name => {
  expect(() => RunDirectory.create(temporaryFolder(), name)).toThrow('A run cannot be named');
});

test('the latest run is the one started or continued last; a wrong name gets its near match', () => {
  const runs = temporaryFolder();
  for (const [i, name] of ['b-first', 'c-second', 'a-third'].entries()) {
    const run = RunDirectory.create(runs, name);
    run.writeJson(run.configPath, {});
    utimesSync(run.configPath, 1000 + i, 1000 + i);
  }
  expect(listRuns(runs)).toEqual(['b-first', 'c-second', 'a-third']);
  expect(RunDirectory.latest(runs).name).toBe('a-third');
  expect(RunDirectory.open('elsewhere', join(runs, 'c-second')).name).toBe('c-second');
  expect(() => RunDirectory.open(runs, 'a-thrid')).toThrow(/Did you mean "a-third"\?/);
  expect(() => RunDirectory.latest(join(runs, 'none'))).toThrow(RunNotFoundError);
});

test('a folder that cannot be looked into is no run', () => {
  const runs = temporaryFolder();
  // A link to itself: root, too, cannot look into that, as others cannot into lost+found.
  symlinkSync(join(runs, 'lost+found'), join(runs, 'lost+found'));
  const run = RunDirectory.create(runs, 'mine');
  run.writeJson(run.configPath, {});
  expect(listRuns(runs)).toEqual(['mine']);
});

test('a run is locked while a process writes to it, and a lock of a process that is gone is taken over', () => {
  const runs = temporaryFolder();
  const run = RunDirectory.create(runs, 'mine');
  const lock = join(run.path, 'lock');
  const unlock = run.lock();
  expect(() => run.lock()).toThrow(RunLockedError);
  unlock();
  expect(existsSync(lock)).toBe(false);

  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(lock, JSON.stringify({ pid: gone, host: hostname(), started: '1' }));
  run.lock()();

  // The same number, but a process that began at another time.
  writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), started: '1' }));
  const again = run.lock();
  expect(JSON.parse(readFileSync(lock, 'utf8')).pid).toBe(process.pid);
  again();

  // Whether a process on another machine lives cannot be known.
  writeFileSync(lock, JSON.stringify({ pid: gone, host: 'elsewhere', started: '1' }));
  expect(() => run.lock()).toThrow(`(process ${gone} on elsewhere)`);
  expect(existsSync(lock)).toBe(true);
});

test.skipIf(process.platform === 'win32')('refuses to write to a run with links in it', () => {
  const runs = temporaryFolder();
  const run = RunDirectory.create(runs, 'mine');
  const outside = join(runs, 'precious');
  writeFileSync(outside, 'kept');
  symlinkSync(outside, run.metricsPath);
  expect(() => run.lock()).toThrow(/metrics\.jsonl is a link, and a run's files are its own/);
  mkdirSync(run.checkpointsPath);
  symlinkSync(outside, join(run.checkpointsPath, 'step-000000001.checkpoint'));
  expect(() => run.lock()).toThrow(/metrics\.jsonl, .*step-000000001\.checkpoint are links/);
  expect(readFileSync(outside, 'utf8')).toBe('kept');
});
