import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TrainingDivergedError, train, WorkersFailedError } from '../../../src/training/index.ts';
import { temporaryFolder } from '../run-files.ts';
import { until } from './bare-worker.ts';
import { execArgv, started, WITH_WORKERS } from './processes.ts';

test('a worker that is killed is replaced, and training goes on', async () => {
  const warnings: string[] = [];
  const replaced = new AbortController();
  let killed = 0;
  const training = train(
    {
      options: { ...WITH_WORKERS, steps: 20_000, evalEvery: 100_000, finalEpisodes: 0 },
      runsDirectory: temporaryFolder(),
    },
    {
      execArgv,
      signal: replaced.signal,
      onEvent: event => {
        if (event.kind === 'warning') warnings.push(event.message);
        if (event.kind !== 'progress') return;
        const workers = event.workers?.workers ?? [];
        if (killed === 0 && workers.length === 2) {
          killed = started(/worker-main/)[0] as number; // Or nobody had worked.
          process.kill(killed, 'SIGKILL');
        }
        // Its place is taken by one with the next number, who works.
        if (workers.some(({ index, state }) => index > 1 && state !== 'starting')) replaced.abort();
      },
    },
  );
  const summary = await training;
  expect(replaced.signal.aborted).toBe(true);
  // Told of once.
  expect(warnings).toEqual([
    expect.stringMatching(`^Rollout worker \\(process ${killed}\\) ended with SIGKILL; another one takes its place`),
  ]);
  expect(summary.updates).toBe(Math.floor((summary.envSteps - 100) * 0.75));
});

test('where checkpoints cannot be written, evaluations are left out and training goes on', async () => {
  const warnings: string[] = [];
  const summary = await train(
    { options: { ...WITH_WORKERS, workers: 1 }, runsDirectory: temporaryFolder() },
    {
      execArgv,
      onEvent: event => {
        if (event.kind === 'warning') warnings.push(event.message);
        if (event.kind !== 'start') return;
        // A disk that takes nothing, as far as checkpoints are concerned.
        const folder = join(event.directory, 'checkpoints');
        rmSync(folder, { recursive: true, force: true });
        writeFileSync(folder, '');
      },
    },
  );
  expect(summary.envSteps).toBeGreaterThanOrEqual(900);
  expect(summary.evaluation?.episodes).toBe(10);
  expect(warnings.join('\n')).toMatch(/The evaluation at step \d+ is left out\. Training goes on\./);
});

test('workers that cannot start are told of with what they said', async () => {
  const failure = await train(
    { options: WITH_WORKERS, runsDirectory: temporaryFolder() },
    { execArgv: ['--import', 'data:text/javascript,throw new Error("no such luck")'] },
  ).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(WorkersFailedError);
  expect((failure as Error).message).toContain('no such luck');
  await until(() => started(/worker-main/).length === 0, 'no worker left');
});

test('a reward that is not a number is not learned from, wherever it comes from', async () => {
  const options = { ...WITH_WORKERS, env: 'Broken-v0', envOptions: { after: 60 }, workers: 1 };
  const failure = await train({ options, runsDirectory: temporaryFolder() }, { execArgv }).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(TrainingDivergedError);
  expect((failure as Error).message).toContain('the reward of step() must be a finite number, not NaN');
});

test.each([
  [undefined, 'a finite number, not NaN', 0],
  [1e20, 'number 0 of "rewards" in row', 1],
])(
  'one worker whose environment returned a wrong reward once (%s) is replaced, and training continues',
  async (value, text, expelled) => {
    const once = join(temporaryFolder(), 'once');
    const envOptions = { after: 60, once, ...(value === undefined ? {} : { value }) };
    const warnings: string[] = [];
    const summary = await train(
      {
        // Evaluation has environments of its own, which are to be right.
        options: { ...WITH_WORKERS, env: 'Broken-v0', envOptions, evalEvery: 100_000, finalEpisodes: 0 },
        runsDirectory: temporaryFolder(),
      },
      {
        execArgv,
        onEvent: event => {
          if (event.kind === 'warning') warnings.push(event.message);
        },
      },
    );
    expect(summary.envSteps).toBeGreaterThanOrEqual(900);
    expect(warnings.filter(warning => warning.includes('another one takes its place'))).toEqual([
      expect.stringContaining(text),
    ]);
    expect(summary.workers?.expelled.total).toBe(expelled);
    if (expelled > 0) expect(summary.workers?.expelled.last[0]?.reason).toContain(text);
  },
);
