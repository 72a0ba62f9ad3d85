import { expect, test } from 'vitest';
import { box } from '../../src/envs/spaces.ts';
import { EpisodeStatistics } from '../../src/envs/wrappers/episode-statistics.ts';
import { NormalizedActions } from '../../src/envs/wrappers/normalized-actions.ts';
import { TimeLimit } from '../../src/envs/wrappers/time-limit.ts';
import { unwrapped } from '../../src/envs/wrappers/wrapper.ts';
import { PointEnv } from './toy-env.ts';

test('normalized actions reach the bounds exactly and map back', () => {
  const env = new NormalizedActions(new PointEnv());
  expect([...env.actionSpace.low, ...env.actionSpace.high]).toEqual([-1, 1]);
  for (const [normalized, real] of [
    [-1, -0.5],
    [1, 0.25],
    [0, -0.125],
    [1.0000001, 0.25],
  ] as const)
    expect(env.toEnvironment(Float32Array.of(normalized))[0]).toBe(real);
  expect(env.fromEnvironment(Float32Array.of(-0.125))[0]).toBe(0);
});

test('normalized actions refuse NaN, a wrong length and an unbounded space', async () => {
  const env = new NormalizedActions(new PointEnv());
  await env.reset({ seed: 1 });
  await expect(env.step(Float32Array.of(Number.NaN))).rejects.toThrow('but is Float32Array [NaN]');
  await expect(env.step(new Float32Array(3))).rejects.toThrow(
    'of length 1 with numbers in [-1, 1], but is Float32Array [0, 0, 0]',
  );
  const unbounded = Object.assign(new PointEnv(), { actionSpace: box(-Infinity, 1, [1]) });
  expect(() => new NormalizedActions(unbounded)).toThrow(/finite bounds/);
});

test('a time limit truncates, and does not when the episode ends by itself in its last step', async () => {
  const stay = Float32Array.of(0);
  const env = new TimeLimit(new PointEnv(), 3);
  await env.reset({ seed: 1 });
  const steps = [await env.step(stay), await env.step(stay), await env.step(stay)];
  expect(steps.map(step => step.truncated)).toEqual([false, false, true]);
  expect(steps[2]?.info.timeLimit).toBe(true);
  await expect(env.step(stay)).rejects.toThrow(/after the episode ended/);

  const { observation } = await env.reset({ seed: 1 });
  await env.step(stay);
  await env.step(Float32Array.of(-0.5));
  const last = await env.step(Float32Array.of(-((observation[0] as number) - 0.5)));
  expect([last.terminated, last.truncated]).toEqual([true, false]);
});

test('episode statistics sum rewards, count steps and remember success', async () => {
  const env = new EpisodeStatistics(new TimeLimit(new PointEnv(), 2));
  const { observation } = await env.reset({ seed: 3 });
  const start = observation[0] as number;
  expect((await env.step(Float32Array.of(0.25))).info.episode).toBeUndefined();
  const { info } = await env.step(Float32Array.of(0.25));
  const expected = { return: -(start + 0.25) - (start + 0.5), length: 2, success: false };
  expect(info.episode).toMatchObject({ length: 2, success: false });
  expect((info.episode as typeof expected).return).toBeCloseTo(expected.return, 5);
});

test('unwrapped finds the environment inside all wrappers', () => {
  const inner = new PointEnv();
  expect(unwrapped(new EpisodeStatistics(new TimeLimit(new NormalizedActions(inner), 5)))).toBe(inner);
});
