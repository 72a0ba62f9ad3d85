import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/common/errors.ts';
import type { StateDict } from '../../src/common/state-dict.ts';
import { createEngine, NonFiniteLossError } from '../../src/engine/index.ts';
import { ACTIONS, learn, OBSERVATIONS, smallSac } from './sac-setup.ts';

const sac = async (...rest: [seed?: number, options?: Parameters<typeof smallSac>[2]]) =>
  smallSac(await createEngine(), ...rest);

test('the same seed gives the same parameters, bit for bit, after 50 updates', async () => {
  const [a, b] = [await sac(4), await sac(4)];
  expect(await learn(a, 50)).toEqual(await learn(b, 50));
  expect(await a.getState()).toEqual(await b.getState());
});

test('with an actor interval of 3, the actor moves at every third update, the critics at each', async () => {
  const policy = await sac(1, { actorInterval: 3 });
  const moved: { actor: boolean; critics: boolean }[] = [];
  const read = async () =>
    structuredClone((await policy.getState()).parameters) as Record<'actor' | 'critics', Float32Array>;
  let before = await read();
  for (let update = 0; update < 6; update++) {
    await learn(policy, 1, update);
    const after = await read();
    const differs = (name: 'actor' | 'critics') => after[name].some((value, i) => value !== before[name][i]);
    moved.push({ actor: differs('actor'), critics: differs('critics') });
    before = after;
  }
  expect(moved.map(({ actor }) => actor)).toEqual([true, false, false, true, false, false]);
  expect(moved.every(({ critics }) => critics)).toBe(true);
});

test('another seed gives other parameters', async () => {
  expect((await (await sac(1)).getState()).parameters).not.toEqual((await (await sac(2)).getState()).parameters);
});

for (const options of [{ preset: 'default' }, { preset: 'original' }, { actorInterval: 2 }] as const)
  test(`a policy restored into a new one goes on bit for bit: ${JSON.stringify(options)}`, async () => {
    const first = await sac(4, options);
    await learn(first, 7, 1);
    const state = structuredClone(await first.getState()) as StateDict;
    await learn(first, 9, 2);
    const second = await sac(5, options);
    await second.setState(state);
    await learn(second, 9, 2);
    expect(await second.getState()).toEqual(await first.getState());
    const observation = new Float32Array(OBSERVATIONS).fill(0.3);
    expect((await second.computeActions(observation, 1)).actions).toEqual(
      (await first.computeActions(observation, 1)).actions,
    );
  });

test('a state with other network sizes, or damaged, is refused and changes nothing', async () => {
  const policy = await sac();
  const before = structuredClone(await policy.getState());
  const other = await (await sac(1, { actorHidden: [8] })).getState();
  await expect(policy.setState(other)).rejects.toThrow(/actor should be \d+ numbers/);
  await expect(policy.setState({ ...(before as StateDict), random: null })).rejects.toThrow(/random generator/);
  await expect(policy.setState({ ...(before as StateDict), optimizers: {} })).rejects.toThrow(UsageError);
  expect(await policy.getState()).toEqual(before);
});

test('weights alone make another policy act the same', async () => {
  const [a, b] = [await sac(1), await sac(2)];
  await learn(a, 5);
  await b.setWeights(await a.getWeights());
  const observations = new Float32Array(3 * OBSERVATIONS).map((_, i) => Math.sin(i));
  const act = async (policy: typeof a) =>
    (await policy.computeActions(observations, 3, { deterministic: true })).actions;
  expect(await act(b)).toEqual(await act(a));
});

describe('actions', () => {
  test('are inside (-1, 1), one row an observation, and the same whatever the batch they are computed in', async () => {
    const policy = await sac();
    const observations = new Float32Array(4 * OBSERVATIONS).map((_, i) => 2 * Math.cos(i));
    const together = (await policy.computeActions(observations, 4, { deterministic: true })).actions.slice();
    expect(together.length).toBe(4 * ACTIONS);
    for (let row = 0; row < 4; row++) {
      const own = observations.slice(row * OBSERVATIONS, (row + 1) * OBSERVATIONS);
      const { actions } = await policy.computeActions(own, 1, { deterministic: true });
      actions.forEach((action, i) => {
        expect(action).toBeCloseTo(together[row * ACTIONS + i] as number, 6);
        expect(Math.abs(action)).toBeLessThan(1);
      });
    }
  });

  test('vary unless they are deterministic, and deterministic ones leave the noise as it was', async () => {
    const [a, b] = [await sac(3), await sac(3)];
    const observation = new Float32Array(OBSERVATIONS);
    for (let i = 0; i < 5; i++) await a.computeActions(observation, 1, { deterministic: true });
    const draw = async (policy: typeof a) => [...(await policy.computeActions(observation, 1)).actions];
    const first = await draw(a);
    expect(await draw(b)).toEqual(first);
    expect(await draw(a)).not.toEqual(first);
  });

  test('observations of another size are refused', async () => {
    await expect((await sac()).computeActions(new Float32Array(3), 1)).rejects.toThrow(
      /1 × 5 observed numbers, but got 3/,
    );
  });
});

test('a batch of its own memory and a copied one teach the same', async () => {
  const [a, b] = [await sac(), await sac()];
  await learn(a, 1);
  const copy = Object.fromEntries(
    Object.entries(a.batch).map(([name, value]) => [name, typeof value === 'number' ? value : value.slice()]),
  ) as unknown as typeof a.batch;
  await b.learnOnBatch(copy);
  expect(await b.getState()).toEqual(await a.getState());
  await expect(b.learnOnBatch({ ...copy, rewards: new Float32Array(3) })).rejects.toThrow(/rewards are 3 numbers/);
});

test('NaN in a batch is an error of the loss, and the parameters stay', async () => {
  const policy = await sac();
  const before = structuredClone((await policy.getState()).parameters);
  await learn(policy, 0);
  policy.batch.rewards[2] = Number.NaN;
  await expect(policy.learnOnBatch(policy.batch)).rejects.toThrow(NonFiniteLossError);
  expect((await policy.getState()).parameters).toEqual(before);
});

test('it learns: on a bandit whose reward is −|a − 0.5|² the actions approach 0.5', async () => {
  const policy = await sac(1, { batchSize: 64, gamma: 0, targetEntropy: -4, initialTemperature: 0.05 });
  const { batch } = policy;
  for (let update = 0; update < 400; update++) {
    for (let row = 0; row < batch.size; row++) {
      let reward = 0;
      for (let i = 0; i < ACTIONS; i++) {
        const action = Math.sin(update * 7919 + row * 31 + i * 17);
        batch.actions[row * ACTIONS + i] = action;
        reward -= (action - 0.5) ** 2;
      }
      batch.rewards[row] = reward;
    }
    batch.discounts.fill(0);
    await policy.learnOnBatch(batch);
  }
  const { actions } = await policy.computeActions(new Float32Array(OBSERVATIONS), 1, { deterministic: true });
  for (const action of actions) expect(Math.abs(action - 0.5)).toBeLessThan(0.1);
});

test('without automatic temperature, α stays', async () => {
  const policy = await sac(1, { automaticTemperature: false, initialTemperature: 0.2 });
  const metrics = await learn(policy, 5);
  expect(metrics).not.toHaveProperty('temperatureLoss');
  const { temperature } = (await policy.getState()).parameters as { temperature: Float32Array };
  expect(temperature[0]).toBeCloseTo(Math.log(0.2), 6);
});

test('wrong options are refused by name, all at once, with the near match', async () => {
  await expect(sac(1, { gama: 0.9 } as object)).rejects.toThrow(/"gama" is not an option of SAC.*gamma/);
  await expect(sac(1, { gamma: 2, criticHidden: [] })).rejects.toThrow(/gamma[\s\S]*criticHidden/);
  await expect(sac(1, { preset: 'orginal' } as object)).rejects.toThrow(/orginal/);
});

test('presets set what they say', async () => {
  const engine = await createEngine();
  const { createSac } = await import('../../src/agents/index.ts');
  const { Random } = await import('../../src/common/random.ts');
  const create = (options: object) =>
    createSac({ observationSize: 17, actionSize: 7, engine, random: new Random(1), options });
  expect((await create({})).options).toMatchObject({
    actorHidden: [128, 128],
    nStep: 3,
    learningRate: 1e-3,
    targetEntropy: -3.5,
    criticLayerNorm: true,
  });
  // The published training's settings.
  expect((await create({ preset: 'original', learningRate: 1e-4 })).options).toMatchObject({
    actorHidden: [512, 512, 512, 512],
    criticHidden: [512, 512, 512],
    gamma: 0.99,
    tau: 0.01,
    targetEntropy: -7,
    rewardNormalization: 10,
    sharedNoise: true,
    learningRate: 1e-4,
  });
});
