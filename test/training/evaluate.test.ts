import { expect, test } from 'vitest';
import { createSac } from '../../src/agents/index.ts';
import { Random } from '../../src/common/random.ts';
import { createEngine } from '../../src/engine/index.ts';
import { type Box, box, type Env } from '../../src/envs/index.ts';
import { type EvaluatedEpisode, evaluate, pool } from '../../src/training/evaluate.ts';
import { wilsonInterval } from '../../src/training/statistics.ts';

/** Episodes of `length` steps; every second one (by its seed) reports success in its first step only. */
function countingEnv(length: number): Env<Box, Box> & { readonly seeds: number[] } {
  const seeds: number[] = [];
  let steps = 0;
  const observe = () => Float32Array.of(steps / 10, (seeds.at(-1) ?? 0) / 2 ** 32);
  return {
    seeds,
    observationSpace: box(-2, 2, [2]),
    actionSpace: box(-1, 1, [3]),
    async reset({ seed = 0 } = {}) {
      seeds.push(seed);
      steps = 0;
      return { observation: observe(), info: {} };
    },
    async step() {
      steps++;
      const success = steps === 1 && (seeds.at(-1) ?? 0) % 2 === 0;
      return { observation: observe(), reward: 2, terminated: false, truncated: steps >= length, info: { success } };
    },
    async close() {},
  };
}

async function smallSac(seed: number) {
  const options = { actorHidden: [8], criticHidden: [8], batchSize: 4 };
  const engine = await createEngine();
  return createSac({ observationSize: 2, actionSize: 3, engine, random: new Random(seed), options });
}

// Intervals from SciPy 1.17.1: binomtest(successes, trials).proportion_ci(method='wilson').
test.each([
  [199, 200, 0.972226295602107, 0.999116831284399],
  [200, 200, 0.9811546736227335, 1],
  [0, 30, 0, 0.11351339317396875],
  [7, 30, 0.11792388144489496, 0.40928326158122164],
])("Wilson's interval of %i in %i", (successes, trials, low, high) => {
  const interval = wilsonInterval(successes, trials);
  expect(interval[0]).toBeCloseTo(low, 12);
  expect(interval[1]).toBeCloseTo(high, 12);
});

/** The same, but the simulator is lost in the second step of an episode so many times. */
function losing(env: Env<Box, Box>, times: number): Env<Box, Box> {
  let steps = 0;
  return {
    ...env,
    reset: options => {
      steps = 0;
      return env.reset(options);
    },
    async step(action) {
      const step = await env.step(action);
      if (++steps !== 2 || times-- <= 0) return step;
      return { ...step, truncated: true, info: { success: false, simulatorLost: 'gone' } };
    },
  };
}

test('an episode in which the simulator is lost is played again from the same start', async () => {
  const policy = await smallSac(1);
  const undisturbed = countingEnv(4);
  const expected = await evaluate(policy, undisturbed, { episodes: 5, seed: 3 });
  const env = countingEnv(4);
  expect(await evaluate(policy, losing(env, 2), { episodes: 5, seed: 3 })).toEqual(expected);
  const [first, ...others] = undisturbed.seeds;
  expect(env.seeds).toEqual([first, first, first, ...others]);
});

test('one that is lost again and again counts as it is', async () => {
  const result = await evaluate(await smallSac(1), losing(countingEnv(4), 4), { episodes: 2, seed: 3 });
  // The first one's last replay was cut after two steps, with a reward of 2 each.
  expect(result.meanLength).toBe(3);
});

test('counts episodes, success in any step, undiscounted return and length', async () => {
  const env = countingEnv(4);
  const episodes: EvaluatedEpisode[] = [];
  const result = await evaluate(await smallSac(1), env, {
    episodes: 20,
    seed: 3,
    onEpisode: episode => episodes.push(episode),
  });
  const even = env.seeds.filter(seed => seed % 2 === 0).length;
  expect(even).toBeGreaterThan(0);
  expect(result).toEqual({
    episodes: 20,
    successRate: even / 20,
    successInterval: wilsonInterval(even, 20),
    meanReturn: 8,
    meanLength: 4,
  });
  expect(episodes.map(episode => episode.seed)).toEqual(env.seeds);
});

test('the same seed means the same episodes, whatever was played before', async () => {
  const policy = await smallSac(1);
  const env = countingEnv(2);
  await evaluate(policy, env, { episodes: 5, seed: 3 });
  await evaluate(policy, env, { episodes: 3, seed: 4 });
  await evaluate(policy, env, { episodes: 5, seed: 3 });
  expect(env.seeds.slice(8)).toEqual(env.seeds.slice(0, 5));
  expect(env.seeds.slice(5, 8)).not.toEqual(env.seeds.slice(0, 3));
});

test("evaluation leaves the policy's state alone, its generator included", async () => {
  const policy = await smallSac(1);
  const before = structuredClone(await policy.getState());
  await evaluate(policy, countingEnv(3), { episodes: 4, seed: 3 });
  expect(await policy.getState()).toEqual(before);
});

test('an episode that the environment does not end is cut, and a signal ends the evaluation between episodes', async () => {
  const policy = await smallSac(1);
  const cut = await evaluate(policy, countingEnv(1e9), { episodes: 2, seed: 1, maxEpisodeSteps: 7 });
  expect(cut.meanLength).toBe(7);
  const controller = new AbortController();
  const played: number[] = [];
  const evaluation = evaluate(policy, countingEnv(3), {
    episodes: 10,
    seed: 1,
    signal: controller.signal,
    onEpisode: ({ index }) => {
      played.push(index);
      if (index === 2) controller.abort(new Error('enough'));
    },
  });
  await expect(evaluation).rejects.toThrow('enough');
  expect(played).toEqual([0, 1, 2]);
});

test('two evaluations taken together weigh by their episodes', () => {
  const result = (episodes: number, successRate: number, meanReturn: number) => ({
    episodes,
    successRate,
    successInterval: [0, 1] as const,
    meanReturn,
    meanLength: 10,
  });
  expect(pool(result(50, 1, 4), result(150, 0.98, 8))).toEqual({
    episodes: 200,
    successRate: 197 / 200,
    successInterval: wilsonInterval(197, 200),
    meanReturn: 7,
    meanLength: 10,
  });
});

test('an evaluation ends as soon as the success rate asked for is out of reach, and not before', async () => {
  const policy = await smallSac(1);
  const play = (leastSuccessRate: number) =>
    evaluate(policy, countingEnv(4), { episodes: 20, seed: 3, leastSuccessRate });
  const all = await play(0);
  const failures = Math.round(20 * (1 - all.successRate));
  expect(failures).toBeGreaterThan(2);
  // Exactly as many failures as there are are allowed: everything is played.
  expect(await play(all.successRate)).toEqual(all);
  const cut = await play(0.9);
  expect(Math.round(cut.episodes * (1 - cut.successRate))).toBe(3);
  expect(cut.episodes).toBeLessThan(20);
});
