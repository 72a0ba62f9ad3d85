import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readMetrics, train } from '../../../src/training/index.ts';
import { temporaryFolder } from '../run-files.ts';
import { execArgv, WITH_WORKERS } from '../workers/processes.ts';
import { recordPoint } from './point-demos.ts';

test('a learner with rollout workers loads demonstrations and clones them before its workers begin', async () => {
  const runsDirectory = temporaryFolder();
  const demos = [await recordPoint(join(runsDirectory, 'point.json'))];
  let told = '';
  const summary = await train(
    { options: { ...WITH_WORKERS, workers: 1, steps: 300, demos, pretrain: 10 }, runsDirectory, name: 'run' },
    {
      execArgv,
      onEvent: event => {
        if (event.kind === 'start') told = event.demonstrations;
      },
    },
  );
  expect(told).toMatch(/^6 episodes, \d+ transitions$/);
  const [first] = readMetrics(join(summary.directory, 'metrics.jsonl'));
  expect(first).toMatchObject({ type: 'train', learner: { cloningLoss: expect.any(Number) } });
  expect(summary.updates).toBe(Math.floor((summary.envSteps - 100) * 0.75));
});
