import { expect, test } from 'vitest';
import { generalizedAdvantages, RolloutStorage, rewardsToGo, StepMemory, standardize } from '../../src/agents/index.ts';
import { Random } from '../../src/common/random.ts';
import { expectClose, recorded } from './torch-policies.ts';

const { steps, environments, gamma, lambda } = recorded.returns;

/** The recorded rollout, its last values apart. */
function filled(finalValues?: Float32Array): { storage: RolloutStorage; nextValue: Float32Array } {
  const storage = new RolloutStorage({ steps, environments, observationSize: 1, actions: { kind: 'discrete', n: 2 } });
  const row = (name: 'rewards' | 'values' | 'masks' | 'badMasks', t: number) =>
    Float32Array.from(recorded.returns[name].slice(t * environments, (t + 1) * environments));
  const zeros = new Float32Array(environments);
  storage.start(zeros);
  for (let t = 0; t < steps; t++)
    storage.insert({
      observations: zeros,
      actions: zeros,
      actionLogProbabilities: zeros,
      valuePredictions: row('values', t),
      rewards: row('rewards', t),
      masks: row('masks', t + 1),
      badMasks: row('badMasks', t + 1),
      ...(finalValues === undefined ? {} : { finalValues }),
    });
  return { storage, nextValue: row('values', steps) };
}

test.each([
  ['gae', { lambda, properTimeLimits: false }],
  ['gaeProper', { lambda }],
  ['discounted', { properTimeLimits: false }],
  ['discountedProper', {}],
] as const)("returns are those of PyTorch's RolloutStorage: %s", (name, options) => {
  const { storage, nextValue } = filled();
  storage.computeReturns(nextValue, { gamma, ...options });
  expectClose(storage.returns.slice(0, steps * environments), recorded.returns[name], name);
});

test('with the value of what was seen last, a time limit is bootstrapped', () => {
  const { storage, nextValue } = filled(new Float32Array(environments).fill(2));
  storage.computeReturns(nextValue, { gamma });
  const { masks, badMasks, rewards } = recorded.returns;
  const cut = rewards.findIndex((_, i) => badMasks[i + environments] === 0);
  const ended = rewards.findIndex((_, i) => masks[i + environments] === 0 && badMasks[i + environments] === 1);
  expect(cut).toBeGreaterThanOrEqual(0);
  expect(storage.returns[cut]).toBeCloseTo((rewards[cut] as number) + gamma * 2, 5);
  expect(storage.returns[ended]).toBeCloseTo(rewards[ended] as number, 5);
});

test("a trajectory's advantages are the storage's", () => {
  const { rewards, values, gae } = recorded.returns;
  const column = (all: readonly number[], n: number) => all.filter((_, i) => i % environments === n);
  // An environment whose episode runs on to the rollout's end.
  const running = [0, 1, 2].map(n => column(recorded.returns.masks, n).slice(1).lastIndexOf(0));
  const n = running.indexOf(Math.min(...running));
  const first = (running[n] as number) + 1;
  const advantages = generalizedAdvantages({
    rewards: column(rewards, n).slice(first),
    values: column(values, n).slice(first, steps),
    lastValue: column(values, n)[steps] as number,
    gamma,
    lambda,
  });
  expect(advantages.length).toBeGreaterThan(1);
  const wanted = column(gae, n).map((value, t) => value - (column(values, n)[t] as number));
  expectClose(advantages, wanted.slice(first), 'advantages');
});

test('rewards-to-go, and numbers in standard deviations', () => {
  expect([...rewardsToGo({ rewards: [1, 2, 3], lastValue: 4, gamma: 0.5 })]).toEqual([3.25, 4.5, 5]);
  expect([...standardize(Float32Array.of(1, 2, 3))]).toEqual([-1, 0, 1].map(x => expect.closeTo(x, 6)));
  expect([...standardize(Float32Array.of(5, 5))]).toEqual([0, 0]);
});

function random(kind: 'box' | 'discrete'): RolloutStorage {
  const actions = kind === 'box' ? ({ kind, size: 2 } as const) : ({ kind, n: 3 } as const);
  const storage = new RolloutStorage({ steps: 5, environments: 4, observationSize: 3, actions, stateSizes: [6] });
  storage.fillRandom(new Random(1));
  storage.computeReturns(Float32Array.of(1, 2, 3, 4), { gamma: 0.9, lambda: 0.95 });
  return storage;
}

test('feed-forward mini-batches hold every row once, all its columns together', () => {
  const storage = random('box');
  const batches = [...storage.feedForwardMiniBatches(4, new Random(2))];
  expect(batches.map(batch => batch.rows)).toEqual([5, 5, 5, 5]);
  const key = (observations: Float32Array, row: number) => [...observations.slice(3 * row, 3 * row + 3)].join();
  const places = new Map(Array.from({ length: 20 }, (_, row) => [key(storage.observations, row), row]));
  const found = batches.flatMap(batch =>
    Array.from({ length: batch.rows }, (_, row) => {
      const place = places.get(key(batch.observations, row)) as number;
      expect(batch.actions.slice(2 * row, 2 * row + 2)).toEqual(storage.actions.slice(2 * place, 2 * place + 2));
      expect(batch.returns[row]).toBe(storage.returns[place]);
      expect(batch.actionLogProbabilities[row]).toBe(storage.actionLogProbabilities[place]);
      expect(batch.states[0]?.slice(6 * row, 6 * row + 6)).toEqual(storage.states[0]?.slice(6 * place, 6 * place + 6));
      return place;
    }),
  );
  expect(found).not.toEqual([...found].sort((a, b) => a - b));
  expect([...found].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test('recurrent mini-batches hold whole environments, step by step, with the state each begins with', () => {
  const storage = random('discrete');
  const batches = [...storage.recurrentMiniBatches(2, new Random(3))];
  expect(batches.map(batch => batch.rows)).toEqual([10, 10]);
  const seen: number[] = [];
  for (const { observations, states, masks } of batches)
    for (let k = 0; k < 2; k++) {
      const at = (array: Float32Array, row: number, width: number) => array.slice(row * width, (row + 1) * width);
      const n = [0, 1, 2, 3].find(i => `${at(storage.observations, i, 3)}` === `${at(observations, k, 3)}`) as number;
      seen.push(n);
      expect(at(states[0] as Float32Array, k, 6)).toEqual(at(storage.states[0] as Float32Array, n, 6));
      for (let t = 0; t < 5; t++) {
        expect(at(observations, t * 2 + k, 3)).toEqual(at(storage.observations, t * 4 + n, 3));
        expect(masks[t * 2 + k]).toBe(storage.masks[t * 4 + n]);
      }
    }
  expect(seen.sort()).toEqual([0, 1, 2, 3]);
});

test('advantages are normalized by the standard deviation of the sample', () => {
  const { storage, nextValue } = filled();
  storage.computeReturns(nextValue, { gamma, lambda });
  const squares = storage.advantages().reduce((sum, advantage) => sum + advantage ** 2, 0);
  // n numbers, n − 1 variances; the epsilon in the denominator is 1e-5.
  expect(squares / (steps * environments - 1)).toBeCloseTo(1, 3);
});

test('after an update, the next rollout begins where the last one ended', () => {
  const storage = random('box');
  const end = storage.observations.slice(-12);
  const state = storage.states[0]?.slice(-24);
  const last = storage.environments * storage.steps;
  storage.masks.fill(0, last);
  storage.badMasks.fill(0, last);
  storage.afterUpdate();
  for (const masks of [storage.masks, storage.badMasks])
    expect(new Set(masks.slice(0, storage.environments))).toEqual(new Set([0]));
  expect(storage.observations.slice(0, 12)).toEqual(end);
  expect(storage.states[0]?.slice(0, 24)).toEqual(state);
});

test('random discrete actions are among those there are; the whole batch is the rollout in order', () => {
  const storage = random('discrete');
  expect(new Set(storage.actions)).toEqual(new Set([0, 1, 2]));
  const batch = storage.getBatch(false);
  expect(batch.rows).toBe(20);
  expect(batch.observations).toEqual(storage.observations.slice(0, 60));
  expect(batch.advantages[7]).toBeCloseTo((storage.returns[7] as number) - (storage.valuePredictions[7] as number), 6);
});

test('arrays of other sizes, and parts too many, are refused', () => {
  const storage = random('box');
  expect(() => storage.start(new Float32Array(5))).toThrow("a rollout's observations: 4 environments need 12 numbers");
  expect(() => [...storage.recurrentMiniBatches(5, new Random(1))]).toThrow('4 environments cannot be divided into 5');
  expect(
    () => new RolloutStorage({ steps: 0, environments: 1, observationSize: 1, actions: { kind: 'box', size: 1 } }),
  ).toThrow('positive integer as its steps');
});

test('the least memory keeps steps until it is cleared', () => {
  const memory = new StepMemory();
  const observation = Float32Array.of(1, 2);
  memory.push({ observation, action: 1, reward: 0.5 });
  observation.fill(9);
  memory.push({ observation: [3, 4], action: [2], reward: 1 });
  expect(memory.getBatch()).toEqual({
    size: 2,
    observations: Float32Array.of(1, 2, 3, 4),
    actions: Float32Array.of(1, 2),
    rewards: Float32Array.of(0.5, 1),
  });
  memory.clear();
  expect(memory.size).toBe(0);
});
