import { expect, test } from 'vitest';
import { makeEnv } from '../../src/envs/index.ts';
import { PPO } from '../../src/training/index.ts';

const SMALL = { timestepsPerBatch: 64, miniBatchSize: 32, epochs: 2, hidden: [8], seed: 3 };

test('it learns for as many steps as asked, tells of every episode, and acts', async () => {
  const env = await makeEnv('CartPole-v1');
  const episodes: { length: number }[] = [];
  const metrics: Readonly<Record<string, number>>[] = [];
  const ppo = new PPO(env, {
    ...SMALL,
    onEpisode: episode => episodes.push(episode),
    onUpdate: update => metrics.push({ ...update }),
  });
  await ppo.learn(300);
  expect(ppo.envSteps).toBeGreaterThanOrEqual(300);
  expect(episodes.reduce((sum, { length }) => sum + length, 0)).toBe(ppo.envSteps);
  // Four batches of 64 steps, two epochs of two mini-batches each.
  expect(metrics.length).toBe(Math.floor(ppo.envSteps / 64));
  expect(metrics[0]).toMatchObject({ gradientSteps: 4 });
  expect([0, 1]).toContain(await ppo.act(Float32Array.of(0, 0, 0, 0)));
  const before = ppo.envSteps;
  await ppo.learn(100);
  expect(ppo.envSteps).toBeGreaterThanOrEqual(before + 100);
  await ppo.close();
  await env.close();
});

test('several environments, numbers as actions, the same seed the same policy', async () => {
  const weights = await Promise.all(
    [3, 3, 4].map(async seed => {
      const envs = await Promise.all([0, 1].map(() => makeEnv('Pendulum-v1')));
      const ppo = new PPO(envs, { ...SMALL, seed, normalizeObservations: true });
      await ppo.learn(400);
      const action = await ppo.act(Float32Array.of(1, 0, 0), false);
      expect(action).toBeInstanceOf(Float32Array);
      const { policy } = await (await ppo.policy()).getWeights();
      await ppo.close();
      return policy;
    }),
  );
  expect(weights[1]).toEqual(weights[0]);
  expect(weights[2]).not.toEqual(weights[0]);
});

test('an episode is cut where the option says, and goes on in value', async () => {
  const env = await makeEnv('Pendulum-v1');
  const lengths: number[] = [];
  const ppo = new PPO(env, {
    ...SMALL,
    maxTimestepsPerEpisode: 25,
    onEpisode: ({ length }) => lengths.push(length),
  });
  await ppo.learn(100);
  expect(lengths).toEqual([25, 25, 25, 25]);
  await ppo.close();
});

test('wrong options and memory are told apart', async () => {
  const env = await makeEnv('CartPole-v1');
  const wrong = new PPO(env, { ...SMALL, clip: -1 });
  await expect(wrong.learn(10)).rejects.toThrow('Option "clip" of ppo cannot be -1');
  const remembering = new PPO(env, { ...SMALL, recurrent: 'gru' });
  await expect(remembering.act(Float32Array.of(0, 0, 0, 0))).rejects.toThrow('A policy with memory needs its states');
  await remembering.close();
});
