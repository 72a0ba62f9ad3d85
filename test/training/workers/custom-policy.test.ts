import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { train } from '../../../src/training/index.ts';
import { temporaryFolder } from '../run-files.ts';

test('an algorithm of one’s own trains with workers, and resumes with them', async () => {
  const runsDirectory = temporaryFolder();
  const options = {
    env: 'CartPole-v1',
    algorithm: resolve(import.meta.dirname, '../../../examples/reinforce.ts'),
    steps: 1_000,
    workers: 1,
    untilSuccess: 0,
    evalEvery: 10_000,
    finalEpisodes: 5,
    agentOptions: { timestepsPerBatch: 300, miniBatchSize: 400 },
  };
  const first = await train({ options, runsDirectory, name: 'mine' });
  expect(first.envSteps).toBeGreaterThanOrEqual(1_000);
  expect(first.evaluation?.episodes).toBe(5);
  const more = await train({ options: { steps: 2_000 }, resume: true, runsDirectory, name: 'mine' });
  expect(more.envSteps).toBeGreaterThanOrEqual(2_000);
  expect(more.updates).toBeGreaterThan(first.updates);
});
