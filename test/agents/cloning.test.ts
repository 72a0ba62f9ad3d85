import { expect, onTestFinished, test } from 'vitest';
import { createSac } from '../../src/agents/index.ts';
import { Random } from '../../src/common/random.ts';
import { createEngine } from '../../src/engine/index.ts';

const SIZE = 64;

async function makePolicy() {
  const engine = await createEngine();
  const policy = await createSac({
    ...{ observationSize: 3, actionSize: 2, engine, random: new Random(1) },
    options: { batchSize: SIZE, actorHidden: [32, 32], criticHidden: [8], learningRate: 3e-3 },
  });
  onTestFinished(async () => {
    await policy.close();
    await engine.close();
  });
  return policy;
}

/** Observations of chance, and what is shown to do about them. */
function demonstrate(batch: { observations: Float32Array; actions: Float32Array }, random: Random): void {
  for (let row = 0; row < SIZE; row++) {
    const [x, y, z] = [random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1)];
    batch.observations.set([x, y, z], 3 * row);
    batch.actions.set([0.8 * Math.sin(2 * x), Math.max(-1, Math.min(1, 1.2 * z))], 2 * row);
  }
}

test('the loss is minus the log-likelihood of the actions, but for the slope of tanh', async () => {
  const policy = await makePolicy();
  const { batch } = policy;
  demonstrate(batch, new Random(2));
  // None nearer to ±1 than counts.
  for (const [i, action] of batch.actions.entries()) batch.actions[i] = 0.9 * action;
  const { observations, actions } = batch;
  const likelihoods = await policy.computeLogLikelihoods(actions, observations, SIZE);
  // log π(a) = log N(atanh a; μ, σ) − Σ log(1 − a²), Haarnoja et al. 2018, equation 26.
  const slopes = actions.reduce((sum, action) => sum + Math.log(1 - action * action), 0) / SIZE;
  const expected = -likelihoods.reduce((sum, value) => sum + value, 0) / SIZE - slopes;
  const { cloningLoss } = await policy.cloneOnBatch(batch);
  expect(cloningLoss).toBeCloseTo(expected, 4);
});

test('what was shown is done, also where it was at the very edge; critics and temperature stay as they were', async () => {
  const policy = await makePolicy();
  const before = (await policy.getState()).parameters as Record<string, Float32Array>;
  const random = new Random(2);
  for (let update = 0; update < 600; update++) {
    demonstrate(policy.batch, random);
    await policy.cloneOnBatch(policy.batch);
  }
  const test = { observations: new Float32Array(3 * SIZE), actions: new Float32Array(2 * SIZE) };
  demonstrate(test, new Random(3));
  const { actions } = await policy.computeActions(test.observations, SIZE, { deterministic: true });
  const errors = actions.map((action, i) => Math.abs(action - (test.actions[i] as number)));
  expect(errors.filter(error => error > 0.15).length / errors.length).toBeLessThan(0.1);
  const after = (await policy.getState()).parameters as Record<string, Float32Array>;
  for (const name of ['critics', 'targets', 'temperature']) expect(after[name]).toEqual(before[name]);
  expect(after.actor).not.toEqual(before.actor);
});
