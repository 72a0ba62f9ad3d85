import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportPolicy, type TrainOptions, testPolicy, train } from '../../src/training/index.ts';
import { hooks } from './point-env.ts';
import { lastStateOf, metricsOf, temporaryFolder } from './run-files.ts';

/** A training of a second, with everything due often. */
const SMALL: TrainOptions = {
  env: 'CartPole-v1',
  algorithm: 'ppo',
  seed: 7,
  steps: 900,
  untilSuccess: 0,
  evalEvery: 300,
  evalEpisodes: 3,
  finalEpisodes: 5,
  checkpointEvery: 150,
  logEvery: 60,
  agentOptions: { environments: 3, timestepsPerBatch: 96, miniBatchSize: 32, epochs: 2, hidden: [16] },
};

const with_ = (options: Record<string, unknown>, rest: TrainOptions = {}): TrainOptions => ({
  ...SMALL,
  ...rest,
  agentOptions: { ...SMALL.agentOptions, ...options },
});

const VARIANTS: Readonly<Record<string, TrainOptions>> = {
  'discrete actions': SMALL,
  'continuous actions, normalized observations': with_(
    { normalizeObservations: true, learningRateDecay: 'linear' },
    { env: 'Pendulum-v1' },
  ),
  'a GRU': with_({ recurrent: 'gru', recurrentSize: 8, sequenceLength: 4 }, { env: 'CartPoleMasked-v1' }),
  'whole episodes': with_({ completeEpisodes: true, advantage: 'rewards-to-go', maxTimestepsPerEpisode: 40 }),
};

for (const [name, options] of Object.entries(VARIANTS))
  test(`interrupted again and again, a training equals an uninterrupted one bit for bit: ${name}`, async () => {
    const runsDirectory = temporaryFolder();
    const whole = await train({ options, runsDirectory, name: 'whole' });
    for (const [part, envSteps] of [100, 250, 600].entries()) {
      const controller = new AbortController();
      const summary = await train(
        { ...(part === 0 ? { options } : { resume: true }), runsDirectory, name: 'parts' },
        {
          signal: controller.signal,
          onEvent: event => {
            if (event.kind === 'progress' && event.envSteps >= envSteps) controller.abort();
          },
        },
      );
      expect(summary.interrupted).toBe(true);
    }
    const parts = await train({ resume: true, runsDirectory, name: 'parts' });
    expect(metricsOf(parts.directory)).toEqual(metricsOf(whole.directory));
    expect(lastStateOf(parts.directory)).toEqual(lastStateOf(whole.directory));
    expect(parts.evaluation).toEqual(whole.evaluation);
    expect(parts.updates).toBeGreaterThan(10);
  });

for (const [name, options] of Object.entries(VARIANTS))
  test(`tested and exported from its checkpoint: ${name}`, async () => {
    const { checkpoint, directory } = await train({
      options: { ...options, steps: 300 },
      runsDirectory: temporaryFolder(),
    });
    const tested = await testPolicy(checkpoint as string, { episodes: 4, seed: 2 });
    expect(tested.episodes).toBe(4);
    // The check inside runs the file on whole episodes, memory and all.
    const exported = await exportPolicy(checkpoint as string, join(directory, 'policy.onnx'), { batch: 2 });
    expect(exported.checked).toBeGreaterThan(30);
    expect(exported.maxDifference).toBeLessThan(1e-5);
  });

test('PPO learns to balance CartPole for hundreds of steps', async () => {
  const { evaluation } = await train({
    options: {
      env: 'CartPole-v1',
      algorithm: 'ppo',
      steps: 25_000,
      evalEvery: 5_000,
      evalEpisodes: 5,
      finalEpisodes: 20,
    },
    runsDirectory: temporaryFolder(),
  });
  expect(evaluation?.meanReturn).toBeGreaterThan(300);
});

test('an algorithm with a replay buffer says that it needs numbers as actions', async () => {
  await expect(train({ options: { env: 'CartPole-v1' }, runsDirectory: temporaryFolder() })).rejects.toThrow(
    'CartPole-v1 cannot be learned by this algorithm: its actions are one of 2',
  );
});

test('a reward that is not a number is not learned from', async () => {
  let steps = 0;
  hooks.reward = reward => (++steps > 50 ? Number.NaN : reward);
  try {
    const options = with_({ environments: 1 }, { env: 'Point-v0' });
    await expect(train({ options, runsDirectory: temporaryFolder() })).rejects.toThrow(
      'the reward of step() must be a finite number, not NaN. There is no checkpoint yet.',
    );
  } finally {
    hooks.reward = null;
  }
});
