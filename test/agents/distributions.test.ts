import type * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { categorical, gaussian, squashedGaussianLogProbabilities } from '../../src/agents/distributions/index.ts';
import { Random } from '../../src/common/random.ts';
import { engines, expectClose, recorded } from './torch-policies.ts';

const { rows, squashed } = recorded.distributions;
const families = { gaussian: gaussian(3), categorical: categorical(4) };

for (const [engineName, create] of engines)
  for (const [name, distribution] of Object.entries(families))
    test(`${name}: log-probabilities, entropies and divergences are PyTorch's, on ${engineName}`, async () => {
      const given = recorded.distributions[name as keyof typeof families];
      const engine = await create();
      const forward = await engine.compileForward({
        groups: [],
        inputs: {
          inputs: [rows, distribution.inputSize],
          oldInputs: [rows, distribution.inputSize],
          actions: [rows, distribution.actionSize],
        },
        compute: (_, x) => {
          const { inputs, oldInputs, actions } = x as Record<'inputs' | 'oldInputs' | 'actions', tf.Tensor>;
          return {
            logProbabilities: distribution.logProbabilities(inputs, actions),
            entropies: distribution.entropies(inputs),
            divergences: distribution.divergences(oldInputs, inputs),
          };
        },
      });
      for (const input of ['inputs', 'oldInputs', 'actions'] as const) forward.inputs[input]?.set(given[input]);
      await forward.run();
      for (const output of ['logProbabilities', 'entropies', 'divergences'] as const)
        expectClose(forward.outputs[output] as Float32Array, given[output], output);
      await engine.close();
    });

for (const [name, distribution] of Object.entries(families))
  test(`${name}: likelihoods on plain arrays are PyTorch's too`, () => {
    const { inputs, actions, logProbabilities } = recorded.distributions[name as keyof typeof families];
    const found = distribution.logLikelihoods(Float32Array.from(inputs), Float32Array.from(actions), rows);
    expectClose(found, logProbabilities, 'logLikelihoods');
  });

test("the squashed Gaussian's log-probabilities are PyTorch's", () => {
  const [mean, log, actions] = [squashed.mean, squashed.logStandardDeviation, squashed.actions].map(x =>
    Float32Array.from(x),
  ) as [Float32Array, Float32Array, Float32Array];
  const found = squashedGaussianLogProbabilities(mean, log, actions, rows);
  // Actions went through float32, where the arctangent of one near 1 keeps fewer digits.
  for (const [i, value] of squashed.logProbabilities.entries())
    expect(Math.abs((found[i] as number) - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
});

test('an action at its very bound has a finite density', () => {
  const [log] = squashedGaussianLogProbabilities(Float32Array.of(0), Float32Array.of(0), Float32Array.of(1), 1);
  expect(log).toBeLessThan(-10);
  expect(Number.isFinite(log)).toBe(true);
});

test('draws follow the distribution, and say their own probability', () => {
  const random = new Random(1);
  const count = 20_000;
  const logits = [1, -1, 0.5];
  const inputs = Float32Array.from({ length: 3 * count }, (_, i) => logits[i % 3] as number);
  const [actions, logProbabilities] = [new Float32Array(count), new Float32Array(count)];
  categorical(3).draw(inputs, count, random, actions, logProbabilities);
  const total = logits.reduce((sum, x) => sum + Math.exp(x), 0);
  for (const [action, logit] of logits.entries()) {
    const share = actions.filter(x => x === action).length / count;
    // Five standard deviations of a share of 20,000.
    expect(Math.abs(share - Math.exp(logit) / total)).toBeLessThan(5 * Math.sqrt(0.25 / count));
    const first = actions.indexOf(action);
    expect(logProbabilities[first]).toBeCloseTo(logit - Math.log(total), 5);
  }

  const normal = Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? 3 : Math.log(0.5)));
  gaussian(1).draw(normal, count, random, actions, logProbabilities);
  const mean = actions.reduce((sum, x) => sum + x, 0) / count;
  const variance = actions.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
  expect(Math.abs(mean - 3)).toBeLessThan(5 * (0.5 / Math.sqrt(count)));
  expect(Math.abs(Math.sqrt(variance) - 0.5)).toBeLessThan(0.02);
  const deviation = ((actions[0] as number) - 3) / 0.5;
  expect(logProbabilities[0]).toBeCloseTo(-0.5 * deviation ** 2 - Math.log(0.5) - 0.5 * Math.log(2 * Math.PI), 4);
});

test('without a generator the mode is drawn', () => {
  const actions = new Float32Array(2);
  categorical(3).draw(Float32Array.of(0, 2, 1, 5, 2, 1), 2, null, actions, new Float32Array(2));
  expect([...actions]).toEqual([1, 0]);
  gaussian(1).draw(Float32Array.of(0.25, 1, -2, 1), 2, null, actions, new Float32Array(2));
  expect([...actions]).toEqual([0.25, -2]);
});
