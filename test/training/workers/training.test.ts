import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  CheckpointStore,
  readCheckpoint,
  readMetrics,
  type TrainEvent,
  testPolicy,
  train,
} from '../../../src/training/index.ts';
import { temporaryFolder } from '../run-files.ts';
import { execArgv, started, WITH_WORKERS } from './processes.ts';

test('workers feed the learner, which keeps the ratio of updates to steps, and evaluation says which weights it was of', async () => {
  const events: TrainEvent[] = [];
  const summary = await train(
    { options: { ...WITH_WORKERS, envsPerWorker: 2 }, runsDirectory: temporaryFolder() },
    // The simulators are the workers': there is none here that could be watched.
    { execArgv, onEvent: event => events.push(event), around: simulator => simulator },
  );
  expect(summary.envSteps).toBeGreaterThanOrEqual(900);
  // 100 random steps, then 0.75 updates for each; less than one is owed.
  expect(summary.updates).toBe(Math.floor((summary.envSteps - 100) * 0.75));
  expect(started(/worker-main|evaluation-main/)).toEqual([]);

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
  expect(events).toContainEqual({ kind: 'warning', message: expect.stringContaining('The arm is not shown') });
  const progress = events.flatMap(event => (event.kind === 'progress' ? [event] : []));
  expect(progress.at(-1)?.workers?.updatesPerStep).toBeCloseTo(0.75, 1);
  // On a busy machine the second may come late.
  expect(progress.flatMap(({ workers }) => workers?.workers.map(({ index }) => index) ?? [])).toContain(0);
});

test('training ends when an evaluation aside has confirmed the goal, with the weights that reached it', async () => {
  const options = {
    ...WITH_WORKERS,
    ...{ workers: 1, steps: 60_000, untilSuccess: 0.95, evalEpisodes: 10, confirmEpisodes: 30, finalEpisodes: 50 },
    ...{ updatesPerStep: 1, bufferCapacity: 20_000 },
    agentOptions: { actorHidden: [32, 32], criticHidden: [32, 32], batchSize: 32, gamma: 0.9 },
  };
  const summary = await train({ options, runsDirectory: temporaryFolder() }, { execArgv });
  expect(summary.goalReached).toBe(true);
  expect(summary.envSteps).toBeLessThan(60_000);
  const { meta } = readCheckpoint(summary.checkpoint as string);
  expect(meta.envSteps).toBeLessThanOrEqual(summary.envSteps);
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
  // Numbers go on, none is given twice; whoever was replaced has one, too.
  expect(now.learner.roster.joined).toBeGreaterThan(old.learner.roster.joined);
  await expect(train({ runsDirectory, name: 'mine', resume: true, options: { workers: 0 } })).rejects.toThrow(
    'resumed with some',
  );
});
