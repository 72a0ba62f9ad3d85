import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CheckpointStore, readCheckpoint } from '../../src/training/index.ts';
import { cli, MAIN, runsFolder, small, startCli } from './run-cli.ts';

const hasSignals = process.platform !== 'win32';
const hasScript = hasSignals && spawnSync('script', ['--version']).status === 0;
const hasFullDevice = existsSync('/dev/full');

/** The summary, whose checkpoint must be whole. */
function savedSummary(runs: string): { interrupted: boolean; envSteps: number } {
  const summary = JSON.parse(readFileSync(join(runs, 'mine', 'summary.json'), 'utf8'));
  const latest = new CheckpointStore(join(runs, 'mine', 'checkpoints')).latest() as string;
  expect(readCheckpoint(latest).meta.envSteps).toBe(summary.envSteps);
  expect(existsSync(join(runs, 'mine', 'lock'))).toBe(false);
  return summary;
}

test.skipIf(!hasSignals)('train saves a checkpoint and releases its lock on SIGHUP, with exit code 129', async () => {
  const runs = runsFolder();
  const running = startCli(small(runs, 'mine', 100_000));
  await running.until(/evaluat/);
  running.child.kill('SIGHUP');
  const end = await running.finished;
  expect(end.code, end.stderr).toBe(129);
  expect(savedSummary(runs).interrupted).toBe(true);
});

test.skipIf(!hasScript)('train saves a checkpoint when its terminal closes', async () => {
  const runs = runsFolder();
  const command = [process.execPath, '--import', 'tsx', MAIN, ...small(runs, 'mine', 100_000)];
  const quoted = command.map(word => `'${word}'`).join(' ');
  const terminal = spawn('script', ['-qec', `exec ${quoted}`, '/dev/null'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let shown = '';
  await new Promise<void>(done =>
    terminal.stdout.on('data', chunk => {
      shown += chunk;
      if (/evaluat/.test(shown)) done();
    }),
  );
  // The terminal is this process; nothing is left of it then.
  terminal.kill('SIGKILL');
  while (!existsSync(join(runs, 'mine', 'summary.json')) || existsSync(join(runs, 'mine', 'lock'))) await sleep(50);
  expect(savedSummary(runs).interrupted).toBe(true);
});

test('train ends as usual when whoever reads its output leaves', async () => {
  const runs = runsFolder();
  const running = startCli(small(runs, 'mine', 400));
  await running.until(/Training/);
  running.child.stdout?.destroy();
  running.child.stderr?.destroy();
  const code = await new Promise<number | null>(done => running.child.on('exit', done));
  expect(code).toBe(0);
  expect(savedSummary(runs)).toMatchObject({ interrupted: false });
});

test.skipIf(!hasFullDevice)('train saves everything but fails when its output cannot be written', async () => {
  const runs = runsFolder();
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...small(runs, 'mine', 60), '--json'], {
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  let stderr = '';
  child.stderr?.on('data', chunk => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>(done => child.on('close', done));
  expect(stderr).toContain('Writing to stdout failed: ENOSPC');
  expect(code).toBe(1);
  expect(savedSummary(runs)).toMatchObject({ interrupted: false });
});

test.skipIf(!hasSignals).each([
  ['simulator serve', (_: string) => ['simulator', 'serve', '--port', '0'], /Listening/],
  ['view', (runs: string) => ['view', '--runs-dir', runs, '--no-open'], /Ctrl-C ends/],
  ['record', (runs: string) => ['record', '--out', join(runs, 'demos.jsonl'), '--episodes', '100000'], /episode {2,}2/],
  ['test', (runs: string) => ['test', '--runs-dir', runs, '--episodes', '100000'], /episode {2,}2/],
] as const)('%s ends with exit code 129 on SIGHUP, after its output was closed', async (name, args, ready) => {
  const runs = runsFolder();
  if (name === 'test') expect((await cli(...small(runs, 'mine', 60))).code).toBe(0);
  const running = startCli(args(runs));
  await running.until(ready);
  running.child.stdout?.destroy();
  running.child.stderr?.destroy();
  running.child.kill('SIGHUP');
  const code = await new Promise<number | null>(done => running.child.on('exit', done));
  expect(code).toBe(129);
});
