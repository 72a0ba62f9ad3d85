import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CheckpointStore, readCheckpoint } from '../../src/training/index.ts';
import { cli, fingerprint, lastJson, runsFolder, small, startCli } from './run-cli.ts';

test('a run leaves all its files, and its result as one JSON object in the last line; then test and plot use it', async () => {
  const runs = runsFolder();
  const trained = await cli(...small(runs, 'first'), '--json');
  expect(trained.stderr).toContain('SawyerReach-v1');
  expect(trained.stderr).toContain('sac');
  expect(trained.code).toBe(0);
  expect(trained.stdout.trim().split('\n')).toHaveLength(1);
  const summary = lastJson(trained.stdout);
  expect(summary).toMatchObject({ run: 'first', seed: 1, interrupted: false, evaluation: { episodes: 3 } });
  expect(summary.envSteps).toBeGreaterThanOrEqual(160);
  expect(summary.wallSeconds).toBeGreaterThan(summary.trainSeconds as number);
  const directory = join(runs, 'first');
  const files = readdirSync(directory);
  for (const name of ['config.json', 'metrics.jsonl', 'checkpoints', 'curves.svg', 'summary.json'])
    expect(files).toContain(name);
  expect(files.some(name => name.startsWith('events.out.tfevents.'))).toBe(true);
  expect(files).not.toContain('lock');
  expect(JSON.parse(readFileSync(join(directory, 'summary.json'), 'utf8'))).toMatchObject({ run: 'first' });

  const tested = await cli('test', '--runs-dir', runs, '--episodes', '2', '--json');
  expect(tested.code).toBe(0);
  expect(tested.stderr.match(/^episode .*(success|failure).*steps$/gm)).toHaveLength(2);
  expect(tested.stderr).toMatch(/Success \d+(\.\d)? % of 2 episodes \(95 % interval/);
  expect(lastJson(tested.stdout)).toMatchObject({ episodes: 2, interrupted: false });

  const picture = join(runs, 'both.svg');
  const exported = await cli('export', '--runs-dir', runs, '--json');
  expect(exported.code).toBe(0);
  expect(lastJson(exported.stdout).maxDifference).toBeLessThan(1e-5);
  expect(existsSync(join(directory, 'policy.onnx'))).toBe(true);

  const plotted = await cli('plot', 'first', 'first', '--runs-dir', runs, '--out', picture);
  expect(plotted.code).toBe(0);
  expect(readFileSync(picture, 'utf8')).toMatch(/^<svg /);
});

test('a run that exists is refused, and stays as it is', async () => {
  const runs = runsFolder();
  await cli(...small(runs, 'mine', 60), '--final-episodes', '0').then(end => expect(end.code, end.stderr).toBe(2));
  // Two values for one option are wrong usage; nothing was made.
  expect(existsSync(join(runs, 'mine'))).toBe(false);
  expect((await cli(...small(runs, 'mine', 60))).code).toBe(0);
  const before = fingerprint(runs);
  const again = await cli(...small(runs, 'mine', 60));
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('mine exists. Choose another --name, or continue that run with --resume --name mine.');
  expect(fingerprint(runs)).toEqual(before);
});

test('a damaged checkpoint is named with what is wrong, and the run is untouched', async () => {
  const runs = runsFolder();
  expect((await cli(...small(runs, 'mine', 60))).code).toBe(0);
  const path = new CheckpointStore(join(runs, 'mine', 'checkpoints')).latest() as string;
  truncateSync(path, 5000);
  const before = fingerprint(runs);
  const resumed = await cli('train', '--resume', '--name', 'mine', '--runs-dir', runs, '--steps', '200');
  expect(resumed.code).toBe(1);
  expect(resumed.stderr).toContain(`${path} failed: it is 5000 bytes long instead of`);
  expect(resumed.stderr).not.toMatch(/^\s+at /m);
  expect(fingerprint(runs)).toEqual(before);
  const tested = await cli('test', '--policy', path);
  expect(tested.code).toBe(1);
  expect(tested.stderr).toContain(path);
});

test('Ctrl-C leaves a checkpoint and a summary with exit code 130, and the run can go on', async () => {
  const runs = runsFolder();
  const running = startCli([...small(runs, 'mine', 100_000), '--json']);
  await running.until(/evaluated/);
  running.child.kill('SIGINT');
  const stopped = await running.finished;
  expect(stopped.stderr).toContain('Stopping after this episode');
  expect(stopped.code).toBe(130);
  const summary = lastJson(stopped.stdout);
  expect(summary).toMatchObject({ interrupted: true, evaluation: null });
  const { meta } = readCheckpoint(summary.checkpoint as string);
  expect(meta.envSteps).toBe(summary.envSteps);

  const steps = (summary.envSteps as number) + 40;
  const resumed = await cli('train', '--resume', '--runs-dir', runs, '--steps', String(steps), '--json');
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(lastJson(resumed.stdout)).toMatchObject({ run: 'mine', interrupted: false, evaluation: { episodes: 3 } });
});

test('two trainings at once cannot share a run', async () => {
  const runs = runsFolder();
  const running = startCli(small(runs, 'mine', 100_000));
  await running.until(/evaluated/);
  const other = await cli('train', '--resume', '--name', 'mine', '--runs-dir', runs);
  expect(other.code).toBe(1);
  expect(other.stderr).toContain(`(process ${running.child.pid} on `);
  const same = await cli(...small(runs, 'mine'));
  expect(same.code).toBe(2);
  running.child.kill('SIGKILL');
  await running.finished;
  // The lock of a process that is gone holds nobody up.
  const resumed = await cli('train', '--resume', '--name', 'mine', '--runs-dir', runs, '--steps', '100');
  expect(resumed.code, resumed.stderr).toBe(0);
});

// A file system of 500 kB of its own, where an unprivileged user may mount one.
const folder = mkdtempSync(join(tmpdir(), 'graspbridge-disk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const mount = `mount -t tmpfs -o size=500k tmpfs ${folder}`;
const unshare = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c'];
const canMount = spawnSync(unshare[0] as string, [...unshare.slice(1), mount]).status === 0;

test.skipIf(!canMount)(
  'train goes on when the disk is full, keeps the last good checkpoint, and fails in the end',
  async () => {
    const copy = runsFolder();
    const script = `${mount} && "$@"; code=$?; cp -r ${folder}/. ${copy}; exit $code`;
    const args = [...small(folder, 'mine', 1500), '--json'].filter(word => !word.startsWith('batchSize'));
    const agent = args.indexOf('actorHidden=[16,16]');
    args[agent] = 'actorHidden=[96,96]';
    args.splice(args.lastIndexOf('--agent-option'), 1);
    const end = await startCli(args, [...unshare, script, 'sh']).finished;
    expect(end.code, end.stderr).toBe(1);
    expect(end.stderr).toMatch(/Warning: Writing the checkpoint .* failed: ENOSPC/);
    expect(end.stderr).toMatch(/Not saved: The checkpoint of step \d+: .*ENOSPC/);
    const summary = lastJson(end.stdout);
    expect(summary.envSteps).toBeGreaterThanOrEqual(1500);
    const store = new CheckpointStore(join(copy, 'mine', 'checkpoints'));
    const good = store.latest() as string;
    expect(readCheckpoint(good).meta.envSteps).toBeLessThan(1500);
    expect(end.stderr).toContain(`The last good checkpoint is ${good.replace(copy, folder)}`);
  },
);
