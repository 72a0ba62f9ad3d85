import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { freePort, marked } from '../chaos/processes.ts';
import { until } from '../training/workers/bare-worker.ts';
import { cli, lastJson, runsFolder, small, startCli } from './run-cli.ts';

/** What the processes started from here on carry, so that they can be found. */
function mark(): string {
  const text = randomBytes(12).toString('hex');
  process.env.GRASPBRIDGE_CHAOS = text;
  return text;
}

const LONG = ['--steps', '1000000', '--checkpoint-every', '1000000', '--eval-every', '1000000'];

/** Options of a small training without those that LONG has. */
function long(runs: string, name: string): string[] {
  const given = small(runs, name);
  return given.filter((word, i) => !LONG.includes(word) && !LONG.includes(given[i - 1] ?? '')).concat(LONG);
}

test('keys are made once, and a network is not trained over without them', async () => {
  const folder = runsFolder();
  const made = await cli('keys', 'new', '--out', folder, '--json');
  expect(made.code).toBe(0);
  const { learner, worker } = lastJson(made.stdout) as { learner: string; worker: string };
  expect(existsSync(learner) && existsSync(worker)).toBe(true);
  expect((await cli('keys', 'new', '--out', folder)).code).toBe(2);
  const bare = await cli(...small(folder, 'bare'), '--listen', 'tcp://0.0.0.0:5555');
  expect(bare.code).toBe(2);
  expect(bare.stderr).toContain('graspbridge keys new');
  const swapped = await cli('worker', '--learner', 'tcp://127.0.0.1:5555', '--keys', learner);
  expect(swapped.code).toBe(2);
  expect(swapped.stderr).toContain("holds the learner's keys, but this is the worker");
});

test('a worker joins a training from outside, and both end well', async () => {
  const runs = runsFolder();
  const address = `tcp://127.0.0.1:${await freePort()}`;
  const worker = startCli(['worker', '--learner', address, '--json']);
  const training = await cli(...small(runs, 'joined'), '--listen', address, '--json');
  expect(training.stderr).toMatch(new RegExp(`listening +${address}`));
  expect(training.code).toBe(0);
  expect(lastJson(training.stdout)).toMatchObject({ run: 'joined' });
  const { code, stdout } = await worker.finished;
  expect(code).toBe(0);
  expect(Number(lastJson(stdout).envSteps)).toBeGreaterThanOrEqual(160);
  expect(lastJson(stdout).reason).toBe('the training is over');
});

test('a worker that finds no learner says what to look at', async () => {
  const { code, stderr } = await cli(
    ...['worker', '--learner', `tcp://127.0.0.1:${await freePort()}`, '--patience', '1'],
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/Nothing was heard of the learner at tcp.*whether both sides have keys/s);
});

test.skipIf(process.platform !== 'linux')('Ctrl-C leaves a checkpoint, and no process', async () => {
  const text = mark();
  const training = startCli([...long(runsFolder(), 'stopped'), '--workers', '2']);
  await until(() => marked(text).filter(({ command }) => command.includes('worker-main')).length === 2, 'two workers');
  await training.until(/ run {10}/);
  await new Promise(done => setTimeout(done, 3_000));
  // As a terminal does: to every process of the group that was started.
  for (const { pid } of marked(text)) process.kill(pid, 'SIGINT');
  const { code, stdout } = await training.finished;
  expect(code).toBe(130);
  expect(stdout).toContain('go on with train --resume');
  await until(() => marked(text).length === 0, 'no process left');
});

test.skipIf(process.platform !== 'linux')('workers whose learner is killed leave by themselves', async () => {
  const text = mark();
  const training = startCli([...long(runsFolder(), 'killed'), '--workers', '2']);
  await training.until(/ run {10}/);
  await until(() => marked(text).filter(({ command }) => command.includes('worker-main')).length === 2, 'two workers');
  // Whatever was started for it, the command itself is the only one that is no worker.
  training.child.kill('SIGKILL');
  await training.finished;
  await until(() => marked(text).length === 0, 'no process left', 15);
});
