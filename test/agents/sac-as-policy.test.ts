import { expect, test } from 'vitest';
import { Random } from '../../src/common/random.ts';
import { createEngine } from '../../src/engine/index.ts';
import { ACTIONS, OBSERVATIONS, randomReplay, smallSac } from './sac-setup.ts';

test('its log-likelihoods are a density: on a grid over all actions they add up to one', async () => {
  const engine = await createEngine();
  const policy = await smallSac(engine);
  const cells = 60;
  const count = cells ** ACTIONS;
  const actions = Float32Array.from({ length: count * ACTIONS }, (_, i) => {
    const cell = i % ACTIONS === 0 ? Math.floor(i / ACTIONS) % cells : Math.floor(i / ACTIONS / cells);
    return -1 + (2 * (cell + 0.5)) / cells;
  });
  const observation = Float32Array.from({ length: OBSERVATIONS }, (_, i) => Math.cos(i));
  const observations = Float32Array.from(
    { length: count * OBSERVATIONS },
    (_, i) => observation[i % OBSERVATIONS] ?? 0,
  );
  const logarithms = await policy.computeLogLikelihoods(actions, observations, count);
  const mass = logarithms.reduce((sum, log) => sum + Math.exp(log), 0) * (2 / cells) ** ACTIONS;
  // Near the edges a density of tanh has tails that a grid misses a little of.
  expect(mass).toBeGreaterThan(0.97);
  expect(mass).toBeLessThan(1.03);
  await engine.close();
});

test('gradients come without moving anything, and move what learning moves when they are applied', async () => {
  const engine = await createEngine();
  const policy = await smallSac(engine);
  randomReplay(3).sampleInto(policy.batch, new Random(1));
  const before = (await policy.getState()).parameters;
  const { gradients, metrics } = await policy.computeGradients(policy.batch);
  expect((await policy.getState()).parameters).toEqual(before);
  expect(Object.keys(gradients)).toEqual(['criticLoss', 'actorLoss', 'temperatureLoss']);
  expect(metrics.criticLoss).toBeGreaterThan(0);
  await policy.applyGradients(gradients);
  const after = (await policy.getState()).parameters as Record<string, Float32Array>;
  for (const [name, values] of Object.entries(before as Record<string, Float32Array>))
    expect(after[name], name).not.toEqual(values);
  await engine.close();
});

test('one action is the batch of one; it has no memory; its mode can be exported', async () => {
  const engine = await createEngine();
  const policy = await smallSac(engine);
  const observation = Float32Array.from({ length: OBSERVATIONS }, (_, i) => Math.sin(i));
  const { action, states } = await policy.computeSingleAction(observation, { deterministic: true });
  expect(action).toEqual((await policy.computeActions(observation, 1, { deterministic: true })).actions);
  expect(states).toEqual([]);
  expect(policy.initialState()).toEqual([]);
  const mode = await policy.exportModel();
  expect(mode.states).toEqual([]);
  expect(Object.keys(mode.parameters)).toContain('weight0');
  await engine.close();
});
