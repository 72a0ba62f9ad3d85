import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../../src/common/errors.ts';
import { makeEnv } from '../../src/envs/index.ts';
import { PPO, type TrainOptions, train } from '../../src/training/index.ts';
import './point-env.ts';
import { SMALL, temporaryFolder } from './run-files.ts';

const remembering = join(import.meta.dirname, '../../examples/remembering.ts');

test.each<[string, TrainOptions, string]>([
  [
    'PPO with fewer steps than a rollout',
    { env: 'Point-v0', algorithm: 'ppo', steps: 2000 },
    'ppo would learn nothing: it learns from rollouts of 2048 steps, and the training has 2000 steps. Ask for at least 2048 steps',
  ],
  [
    'PPO with fewer steps than a rollout of several environments',
    { env: 'CartPole-v1', algorithm: 'ppo', steps: 255 },
    'rollouts of 256 steps (8 environments, 32 steps each), and the training has 255 steps',
  ],
  [
    'a policy of its own class with fewer steps than a rollout',
    { env: 'CartPoleMasked-v1', algorithm: remembering, steps: 999 },
    'it learns from rollouts of 1000 steps (2 environments, 500 steps each), and the training has 999 steps',
  ],
  [
    'a replay buffer smaller than a batch',
    { ...SMALL, bufferCapacity: 15 },
    'The replay buffer holds 15 transitions, fewer than the batch of 16 that sac learns from',
  ],
  [
    'a goal that no evaluation checks',
    { ...SMALL, untilSuccess: 0.9, evalEvery: 901 },
    '--until-success 0.9 is never checked: evaluations are 901 steps apart, and the training has 900',
  ],
])('a training refuses %s, before anything is written', async (_, options, message) => {
  const runsDirectory = join(temporaryFolder(), 'runs');
  const failure = await train({ options, runsDirectory }).catch((error: Error) => error);
  expect(failure).toBeInstanceOf(UsageError);
  expect((failure as Error).message).toContain(message);
  expect(existsSync(runsDirectory)).toBe(false);
});

test.each<[string, TrainOptions, number]>([
  ['only random steps', { ...SMALL, steps: 100 }, 1],
  ['less than one update', { ...SMALL, steps: 101, updatesPerStep: 0.75 }, 1],
  ['one update', { ...SMALL, steps: 102, updatesPerStep: 0.75 }, 0],
])('a training of %s is allowed, with a warning if nothing is learned', async (_, options, count) => {
  const { warnings } = await train({ options: { ...options, finalEpisodes: 0 }, runsDirectory: temporaryFolder() });
  expect(warnings.filter(text => text.startsWith('Nothing is learned in'))).toHaveLength(count);
});

test('PPO refuses to learn for fewer steps than a rollout', async () => {
  const env = await makeEnv('CartPole-v1');
  const ppo = new PPO(env, { timestepsPerBatch: 64 });
  await expect(ppo.learn(63)).rejects.toThrow('PPO would learn nothing: it learns from rollouts of 64 steps');
  expect(ppo.envSteps).toBe(0);
  await ppo.close();
  await env.close();
});
