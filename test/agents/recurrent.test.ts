import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { initializeRecurrent, recurrentShapes, runRecurrent } from '../../src/agents/recurrent.ts';
import { Random } from '../../src/common/random.ts';
import type { Tensors } from '../../src/engine/index.ts';
import { engines, expectClose, recorded } from './torch-policies.ts';

for (const [engineName, create] of engines)
  for (const kind of ['gru', 'lstm'] as const)
    test(`${kind}: outputs, states and gradients over several steps are PyTorch's, on ${engineName}`, async () => {
      const { steps, count, inputSize, size, ...given } = recorded[kind];
      const core = { kind, inputSize, size };
      const engine = await create();
      const group = engine.createGroup('core', recurrentShapes(core, ''));
      await group.write(Float32Array.from(given.parameters));
      const shapes = {
        inputs: [steps * count, inputSize],
        weights: [steps * count, size],
        ...Object.fromEntries(given.states.map((_, i) => [`state${i}`, [count, size]])),
      };
      const run = (parameters: Tensors, x: Tensors) =>
        runRecurrent(
          core,
          parameters,
          '',
          x.inputs as tf.Tensor,
          given.states.map((_, i) => x[`state${i}`] as tf.Tensor),
          steps,
        );
      const fill = (inputs: Readonly<Record<string, Float32Array>>) => {
        inputs.inputs?.set(given.inputs);
        inputs.weights?.set(given.weights);
        for (const [i, state] of given.states.entries()) inputs[`state${i}`]?.set(state);
      };
      const forward = await engine.compileForward({
        groups: [group],
        inputs: shapes,
        compute: (parameters, x) => {
          const { outputs, states } = run(parameters.core as Tensors, x);
          return { outputs, ...Object.fromEntries(states.map((state, i) => [`after${i}`, state])) };
        },
      });
      fill(forward.inputs);
      await forward.run();
      expectClose(forward.outputs.outputs as Float32Array, given.outputs, 'outputs');
      for (const [i, after] of given.after.entries())
        expectClose(forward.outputs[`after${i}`] as Float32Array, after, `state ${i} after`);

      const update = await engine.compileUpdate({
        groups: [group],
        inputs: shapes,
        stages: [
          [
            {
              name: 'loss',
              group,
              optimizer: { learningRate: 1e-3 },
              loss: (parameters, x) => ({
                loss: tf.sum(tf.mul(run(parameters.core as Tensors, x).outputs, x.weights as tf.Tensor)) as tf.Scalar,
              }),
            },
          ],
        ],
      });
      fill(update.inputs);
      const { gradients } = await update.computeGradients();
      expectClose(gradients.loss as Float32Array, given.gradients, 'gradients');
      // Asking for gradients moves nothing.
      expect(await group.read()).toEqual(Float32Array.from(given.parameters));
      await engine.close();
    });

test('it starts with orthogonal blocks and biases of zero', () => {
  const size = 4;
  const values = initializeRecurrent({ kind: 'gru', inputSize: 4, size }, new Random(1));
  const gate = (row: number, column: number) => values[row * 3 * size + size + column] as number;
  for (let a = 0; a < size; a++)
    for (let b = 0; b < size; b++) {
      let product = 0;
      for (let i = 0; i < size; i++) product += gate(a, i) * gate(b, i);
      expect(product).toBeCloseTo(a === b ? 1 : 0, 5);
    }
  expect(values.slice(-6 * size).every(value => value === 0)).toBe(true);
});
