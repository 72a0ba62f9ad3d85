import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import {
  CheckpointStore,
  readCheckpoint,
  readMetrics,
  type TrainEvent,
  TrainingDivergedError,
  testPolicy,
  train,
  WorkersFailedError,
} from '../../../src/training/index.ts';
import { SMALL, temporaryFolder } from '../run-files.ts';
import { until } from './bare-worker.ts';
import '../point-env.ts';
import './broken-env.ts';

/** Environments of the tests, registered in the workers too. */
const execArgv = ['../point-env.ts', './broken-env.ts'].flatMap(file => [
  '--import',
  pathToFileURL(join(import.meta.dirname, file)).href,
]);

const WITH_WORKERS = { ...SMALL, workers: 2, finalEpisodes: 10, evalEvery: 400 };

/** Processes that this one started and that live. */
function children(): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return parent === process.pid ? [{ pid: Number(name), command }] : [];
      } catch {
        return [];
      }
    });
}

const workers = () => children().filter(({ command }) => command.includes('worker-main'));

test('workers feed the learner, which keeps the ratio of updates to steps, and evaluation says which weights it was of', async () => {
  const events: TrainEvent[] = [];
  const summary = await train(
    { options: { ...WITH_WORKERS, envsPerWorker: 2 }, runsDirectory: temporaryFolder() },
    { execArgv, onEvent: event => events.push(event) },
  );
  expect(summary.envSteps).toBeGreaterThanOrEqual(900);
  // 100 random steps, then 0.75 updates for each; less than one is owed.
  expect(summary.updates).toBe(Math.floor((summary.envSteps - 100) * 0.75));
  expect(children().filter(({ command }) => /worker-main|evaluation-main/.test(command))).toEqual([]);

  const metrics = readMetrics(join(summary.directory, 'metrics.jsonl'));
  const evaluations = metrics.flatMap(record => (record.type === 'evaluation' ? [record] : []));
  const periodic = evaluations.filter(({ purpose }) => purpose === 'periodic');
  expect(periodic.length).toBeGreaterThan(0);
  expect(periodic.every(({ weights }) => /^[0-9a-f]{12}$/.test(weights ?? ''))).toBe(true);
  // What was evaluated is the policy's own checkpoint, and the best of them is the one that stays.
  expect(summary.checkpoint).toMatch(/policy-\d+\.checkpoint$/);
  expect(readCheckpoint(summary.checkpoint as string).meta.evaluation?.meanReturn).toBe(
    Math.max(
      ...periodic
        .filter(({ successRate }) => successRate === Math.max(...periodic.map(record => record.successRate)))
        .map(({ meanReturn }) => meanReturn),
    ),
  );
  expect((await testPolicy(summary.checkpoint as string, { episodes: 3, seed: 1 })).episodes).toBe(3);
  const last = events.flatMap(event => (event.kind === 'progress' ? [event] : [])).at(-1);
  expect(last?.workers?.updatesPerStep).toBeCloseTo(0.75, 1);
  expect(last?.workers?.workers.map(({ index }) => index)).toEqual([0, 1]);
});

test('training ends when an evaluation aside has confirmed the goal, with the weights that reached it', async () => {
  const options = {
    ...WITH_WORKERS,
    ...{ workers: 1, steps: 20_000, untilSuccess: 0.95, evalEpisodes: 10, confirmEpisodes: 30, finalEpisodes: 50 },
    ...{ updatesPerStep: 1, bufferCapacity: 20_000 },
    agentOptions: { actorHidden: [32, 32], criticHidden: [32, 32], batchSize: 32, gamma: 0.9 },
  };
  const summary = await train({ options, runsDirectory: temporaryFolder() }, { execArgv });
  expect(summary.goalReached).toBe(true);
  expect(summary.envSteps).toBeLessThan(20_000);
  const { meta } = readCheckpoint(summary.checkpoint as string);
  expect(meta.envSteps).toBeLessThan(summary.envSteps);
  expect(meta.evaluation?.episodes).toBe(40);
  expect(summary.evaluation?.successRate).toBeGreaterThan(0.8);
});

test('interrupted, a run goes on with its replay, its counts and its workers’ numbers', async () => {
  const runsDirectory = temporaryFolder();
  const controller = new AbortController();
  const onEvent = (event: TrainEvent) => {
    if (event.kind === 'progress' && event.envSteps > 450) controller.abort();
  };
  const first = await train(
    { options: WITH_WORKERS, runsDirectory, name: 'mine' },
    { execArgv, signal: controller.signal, onEvent },
  );
  expect(first.interrupted).toBe(true);
  const before = readCheckpoint(new CheckpointStore(join(first.directory, 'checkpoints')).latest() as string);
  const summary = await train({ runsDirectory, name: 'mine', resume: true }, { execArgv });
  expect(summary.envSteps).toBeGreaterThanOrEqual(900);
  expect(summary.updates).toBe(Math.floor((summary.envSteps - 100) * 0.75));
  const after = readCheckpoint(new CheckpointStore(join(first.directory, 'checkpoints')).latest() as string);
  type Learner = {
    learner: { run: string; roster: { joined: number }; replay: { observations: Float32Array; size: number } };
  };
  const [old, now] = [before.state as unknown as Learner, after.state as unknown as Learner]; // As WorkerLoop saves it.
  expect(now.learner.run).toBe(old.learner.run);
  expect(now.learner.roster.joined).toBe(4);
  await expect(train({ runsDirectory, name: 'mine', resume: true, options: { workers: 0 } })).rejects.toThrow(
    'resumed with some',
  );
});

test('a worker that is killed, or paused for too long, is replaced, and training goes on', async () => {
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
        const [one] = workers();
        if (event.kind === 'progress' && event.envSteps > 500 && warnings.length === 0 && one !== undefined)
          process.kill(one.pid, 'SIGKILL');
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
  await until(() => workers().length === 0, 'no worker left');
});

test('a reward that is not a number is not learned from, wherever it comes from', async () => {
  const options = { ...WITH_WORKERS, env: 'Broken-v0', envOptions: { after: 60 }, workers: 1 };
  const failure = await train({ options, runsDirectory: temporaryFolder() }, { execArgv }).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(TrainingDivergedError);
  expect((failure as Error).message).toContain('returned the reward NaN');
});
