import { expect, test } from 'vitest';
import { TrainingDivergedError, train, WorkersFailedError } from '../../../src/training/index.ts';
import { temporaryFolder } from '../run-files.ts';
import { until } from './bare-worker.ts';
import { execArgv, started, WITH_WORKERS } from './processes.ts';

test('a worker that is killed is replaced, and training goes on', async () => {
  const warnings: string[] = [];
  const training = train(
    {
      options: { ...WITH_WORKERS, steps: 4_000, evalEvery: 10_000, finalEpisodes: 0 },
      runsDirectory: temporaryFolder(),
    },
    {
      execArgv,
      onEvent: event => {
        if (event.kind === 'warning') warnings.push(event.message);
        const [one] = started(/worker-main/);
        if (event.kind === 'progress' && event.envSteps > 500 && warnings.length === 0 && one !== undefined)
          process.kill(one, 'SIGKILL');
      },
    },
  );
  const summary = await training;
  expect(warnings.join('\n')).toMatch(/Rollout worker \(process \d+\) ended with SIGKILL; another one takes its place/);
  expect(summary.updates).toBe(Math.floor((summary.envSteps - 100) * 0.75));
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
  expect((failure as Error).message).toContain('returned the reward NaN');
});
