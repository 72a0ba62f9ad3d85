import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, test } from 'vitest';
import { buildPolicy, type EnginePolicy, ppo, type SampleBatch } from '../../src/agents/index.ts';
import { Random } from '../../src/common/random.ts';
import { createEngine, type Engine } from '../../src/engine/index.ts';

const opened: Engine[] = [];
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.close();
});

const SMALL = { hidden: [8], miniBatchSize: 8, timestepsPerBatch: 16, epochs: 2, recurrentSize: 4, sequenceLength: 4 };

async function small(options: Record<string, unknown> = {}, discrete = true, seed = 1) {
  const engine = await createEngine();
  opened.push(engine);
  const actions = discrete ? ({ kind: 'discrete', n: 3 } as const) : ({ kind: 'box', size: 2 } as const);
  return ppo.create({
    observationSize: 3,
    actions,
    engine,
    random: new Random(seed),
    options: { ...SMALL, ...options },
  });
}

/** Two trajectories of 7 and 5 steps that the policy acted in by itself, one step after the other. */
async function rollout(policy: EnginePolicy<object>): Promise<SampleBatch> {
  const random = new Random(5);
  const lengths = [7, 5];
  const rows: Record<string, number[]> = {};
  for (const length of lengths) {
    let states = policy.initialState();
    for (let t = 0; t < length; t++) {
      const observation = Float32Array.from({ length: 3 }, () => random.normal());
      const { action, states: after, extra } = await policy.computeSingleAction(observation, { stateBatches: states });
      const columns = {
        observations: observation,
        actions: action,
        rewards: Float32Array.of(random.normal()),
        advantages: Float32Array.of(random.normal()),
        returns: Float32Array.of(random.normal()),
        ...extra,
        ...Object.fromEntries(states.map((state, i) => [`state_in_${i}`, state])),
        ...Object.fromEntries(after.map((state, i) => [`state_out_${i}`, state])),
      };
      for (const [name, values] of Object.entries(columns)) rows[name] = [...(rows[name] ?? []), ...values];
      states = after;
    }
  }
  const columns = Object.fromEntries(Object.entries(rows).map(([name, values]) => [name, Float32Array.from(values)]));
  return { size: 12, columns, lengths };
}

test('what it says of an action when acting is what computeLogLikelihoods says of it', async () => {
  for (const discrete of [true, false]) {
    const policy = await small({ recurrent: 'gru' }, discrete);
    const observations = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i));
    const stateBatches = policy.initialState().map(state => new Float32Array(4 * state.length).fill(0.3));
    const { actions, extra } = await policy.computeActions(observations, 4, { stateBatches });
    const said = (extra.actionLogProbabilities as Float32Array).slice();
    const likelihoods = await policy.computeLogLikelihoods(actions.slice(), observations, 4, { stateBatches });
    for (const [i, value] of said.entries()) expect(likelihoods[i]).toBeCloseTo(value, 5);
  }
});

test('its state moves on with each step, and changes what it does', async () => {
  for (const recurrent of ['gru', 'lstm']) {
    const policy = await small({ recurrent });
    const observation = Float32Array.of(1, -1, 0.5);
    const first = await policy.computeSingleAction(observation, { stateBatches: policy.initialState() });
    expect(first.states.map(state => state.length)).toEqual(recurrent === 'gru' ? [4, 4] : [4, 4, 4, 4]);
    const second = await policy.computeSingleAction(observation, { stateBatches: first.states });
    expect(second.states).not.toEqual(first.states);
    expect(second.extra.actionDistributionInputs).not.toEqual(first.extra.actionDistributionInputs);
    await expect(policy.computeActions(observation, 1)).rejects.toThrow('Begin with initialState()');
  }
});

test('learning with memory sees the very numbers that acting did: the ratio of a new batch is one', async () => {
  for (const recurrent of ['none', 'gru', 'lstm'])
    for (const discrete of [true, false]) {
      const policy = await small({ recurrent, epochs: 1, miniBatchSize: 64, normalizeObservations: true }, discrete);
      // A normalizer that has seen something.
      await policy.learnOnBatch(await rollout(policy));
      const metrics = await policy.learnOnBatch(await rollout(policy));
      // All sequences are one mini-batch: nothing has moved yet when its loss is computed.
      expect(metrics.gradientSteps).toBe(1);
      expect(Math.abs(metrics.divergence ?? Number.NaN)).toBeLessThan(1e-6);
      expect(metrics.clipFraction).toBe(0);
    }
});

test('a policy with its state back learns and acts on bit for bit', async () => {
  for (const recurrent of ['none', 'gru']) {
    const policy = await small({ recurrent, normalizeObservations: true });
    const batch = await rollout(policy);
    await policy.learnOnBatch(batch);
    const state = await policy.getState();
    const other = await small({ recurrent, normalizeObservations: true }, true, 9);
    await other.setState(state);
    for (const one of [policy, other]) await one.learnOnBatch(batch);
    expect(await other.getState()).toEqual(await policy.getState());
    const stateBatches = policy.initialState();
    const act = (one: typeof policy) => one.computeSingleAction(Float32Array.of(1, 2, 3), { stateBatches });
    expect(await act(other)).toEqual(await act(policy));
  }
});

test('weights alone are what acting needs, normalization included', async () => {
  const policy = await small({ normalizeObservations: true }, false);
  await policy.learnOnBatch(await rollout(policy));
  const other = await small({ normalizeObservations: true }, false, 9);
  await other.setWeights(await policy.getWeights());
  const act = (one: typeof policy) => one.computeSingleAction(Float32Array.of(1, 2, 3), { deterministic: true });
  expect(await act(other)).toEqual(await act(policy));
});

test('a fixed deviation stays, a learned one moves', async () => {
  for (const learnedStandardDeviation of [true, false]) {
    const policy = await small({ learnedStandardDeviation, logStandardDeviation: -1, learningRate: 0.1 }, false);
    await policy.learnOnBatch(await rollout(policy));
    const { extra } = await policy.computeSingleAction(Float32Array.of(1, 2, 3));
    const deviation = extra.actionDistributionInputs?.[2];
    if (learnedStandardDeviation) expect(Math.abs((deviation ?? -1) + 1)).toBeGreaterThan(0.01);
    else expect(deviation).toBe(-1);
  }
});

test('what it thinks of a step: the critic’s value, and the deviation of numbers', async () => {
  const observation = Float32Array.of(1, 2, 3);
  const continuous = await small({ logStandardDeviation: -1 }, false);
  const { value, deviation } = await continuous.inspect(observation);
  expect(value).toBe((await continuous.computeValues(observation, 1))[0]);
  expect(deviation).toEqual([Math.exp(-1), Math.exp(-1)].map(x => expect.closeTo(x, 6)));
  expect((await (await small()).inspect(observation)).deviation).toBeNull();
  expect(await (await small({ recurrent: 'gru' })).inspect(observation)).toEqual({ value: null, deviation: null });
});

test('a batch is done with as soon as the divergence exceeds 1.5 times its target', async () => {
  // All rows are one mini-batch: an epoch is a step.
  const far = { learningRate: 0.05, epochs: 6, miniBatchSize: 64 };
  const learn = async (options: Record<string, unknown>) => {
    const policy = await small({ ...far, ...options });
    return (await policy.learnOnBatch(await rollout(policy))) as { gradientSteps: number; divergence: number };
  };
  /** The divergence of the policy that step `step` starts from, taken from the means over all steps. */
  const at = async (step: number) => {
    const [before, after] = await Promise.all([learn({ epochs: step - 1 }), learn({ epochs: step })]);
    return after.divergence * step - before.divergence * (step - 1);
  };
  const [third, fourth] = await Promise.all([at(3), at(4)]);
  expect(fourth).toBeGreaterThan(1.1 * third);
  expect(await learn({ targetDivergence: 0 })).toMatchObject({ gradientSteps: 6 });
  expect(await learn({ targetDivergence: (0.99 * fourth) / 1.5 })).toMatchObject({ gradientSteps: 4 });
  expect((await learn({ targetDivergence: (1.01 * fourth) / 1.5 })).gradientSteps).toBeGreaterThan(4);
});

test('wrong options, columns and sizes are named', async () => {
  await expect(small({ clipp: 1 })).rejects.toThrow('"clipp" is not an option of ppo. Did you mean "clip"?');
  await expect(small({ lambda: 2 })).rejects.toThrow('Option "lambda" of ppo cannot be 2');
  const policy = await small();
  await expect(policy.computeActions(new Float32Array(4), 1)).rejects.toThrow('1 × 3 observed numbers, but got 4');
  const batch = await rollout(policy);
  const { advantages: _, ...columns } = batch.columns;
  await expect(policy.learnOnBatch({ ...batch, columns })).rejects.toThrow('reads the column "advantages"');
  await policy.learnOnBatch(batch);
  await expect(policy.learnOnBatch({ ...batch, columns })).rejects.toThrow('its column "advantages" should be 12 × 1');
  const state = await policy.getState();
  await expect((await small({ hidden: [4] })).setState(state)).rejects.toThrow('other network sizes');
});

test('options of its own reach the loss, and are checked by their defaults', async () => {
  let seen: number | undefined;
  const mine = buildPolicy({
    name: 'mine',
    options: { weight: 2, miniBatchSize: 4 },
    loss({ options, logProbabilities, mean }) {
      seen = options.weight;
      return { loss: tf.mul(mean(logProbabilities), -options.weight) };
    },
  });
  const engine = await createEngine();
  opened.push(engine);
  const context = { observationSize: 3, actions: { kind: 'discrete', n: 2 } as const, engine };
  await expect(mine.create({ ...context, random: new Random(1), options: { weight: 'much' } })).rejects.toThrow(
    'Option "weight" of mine cannot be "much"',
  );
  const policy = await mine.create({ ...context, random: new Random(1), options: { weight: 3 } });
  expect(policy.options.gamma).toBe(0.99);
  await policy.learnOnBatch(await rollout(policy));
  expect(seen).toBe(3);
  await expect(policy.computeValues(new Float32Array(3), 1)).rejects.toThrow('mine has no critic');
});
