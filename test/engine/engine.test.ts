import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  createEngine,
  type Engine,
  EngineSpecError,
  NonFiniteLossError,
  type ParameterGroup,
  type Parameters,
  type Tensors,
  UnsupportedOperationError,
} from '../../src/engine/index.ts';
import { OnnxEngine } from '../../src/engine/onnx/engine.ts';
import { createTfjsEngine } from '../../src/engine/tfjs/engine.ts';
import { TFJS_BACKENDS } from './tfjs-backend-names.ts';

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  onnx: () => createEngine({ backend: 'onnx' }),
  ...Object.fromEntries(TFJS_BACKENDS.map(name => [`tfjs ${name}`, () => createTfjsEngine('cpu', name)])),
};

const w = (parameters: Parameters) => parameters.g?.w as tf.Tensor;
const x = (batch: Tensors) => batch.x as tf.Tensor;

/** One parameter vector `w` and the loss mean((w x − 1)²). */
async function line(engine: Engine, start = [2, -1]) {
  const group = engine.createGroup('g', { w: [2] });
  await group.write(Float32Array.from(start));
  const update = await engine.compileUpdate({
    groups: [group],
    inputs: { x: [2] },
    stages: [
      [
        {
          name: 'line',
          group,
          optimizer: { learningRate: 0.1 },
          loss: (parameters, batch) => ({
            loss: tf.mean(tf.square(tf.sub(tf.mul(w(parameters), x(batch)), 1))),
            metrics: { largest: tf.max(w(parameters)) },
          }),
        },
      ],
    ],
  });
  update.inputs.x?.set([1, 2]);
  return { group, update };
}

for (const [name, create] of Object.entries(engines))
  describe(name, () => {
    test('the first step of Adam moves every parameter by the learning rate against its gradient', async () => {
      const { group, update } = await line(await create());
      const metrics = await update.run();
      // mean((2·1 − 1)², (−1·2 − 1)²) = 5; the moves are Kingma and Ba's: ±α at the first step.
      expect(metrics).toEqual({ line: 5, largest: 2 });
      const [first, second] = await group.read();
      expect(first).toBeCloseTo(1.9, 5);
      expect(second).toBeCloseTo(-0.9, 5);
    });

    test('minimizes', async () => {
      const { group, update } = await line(await create());
      for (let i = 0; i < 300; i++) await update.run();
      const [first, second] = await group.read();
      expect(first).toBeCloseTo(1, 2);
      expect(second).toBeCloseTo(0.5, 2);
    });

    test('NaN in the batch is an error of the loss, and moves nothing', async () => {
      const { group, update } = await line(await create());
      update.inputs.x?.set([Number.NaN, 1]);
      await expect(update.run()).rejects.toThrow(NonFiniteLossError);
      await expect(update.run()).rejects.toThrow(/"line".*loss is NaN/);
      expect([...(await group.read())]).toEqual([2, -1]);
      update.inputs.x?.set([1, 2]);
      expect((await update.run()).line).toBe(5);
    });

    test('a gradient that is not finite under a finite loss is an error too', async () => {
      const engine = await create();
      const group = engine.createGroup('g', { w: [2] });
      const update = await engine.compileUpdate({
        groups: [group],
        inputs: {},
        // √w at w = 0 is 0, its slope infinite.
        stages: [
          [{ name: 'root', group, optimizer: { learningRate: 1 }, loss: p => ({ loss: tf.sum(tf.sqrt(w(p))) }) }],
        ],
      });
      await expect(update.run()).rejects.toThrow(/"root".*gradient/);
      expect([...(await group.read())]).toEqual([0, 0]);
    });

    test('losses of one stage see the same parameters, the next stage sees them moved, targets follow last', async () => {
      const engine = await create();
      const groups = ['a', 'b', 'c', 't'].map(name => engine.createGroup(name, { w: [1] })) as [
        ParameterGroup,
        ParameterGroup,
        ParameterGroup,
        ParameterGroup,
      ];
      const [a, b, c, t] = groups;
      await a.write(Float32Array.of(4));
      const optimizer = { learningRate: 1 };
      const of = (parameters: Parameters, name: string) => parameters[name]?.w as tf.Tensor;
      // Each loss reports what it sees of a.
      const seeing = (group: ParameterGroup) => ({
        name: group.name,
        group,
        optimizer,
        loss: (p: Parameters) => ({
          loss: tf.sum(tf.mul(of(p, group.name), 1)) as tf.Scalar,
          metrics: { [`${group.name}SeesA`]: tf.sum(of(p, 'a')) as tf.Scalar },
        }),
      });
      const update = await engine.compileUpdate({
        groups,
        inputs: {},
        stages: [[seeing(a), seeing(b)], [seeing(c)]],
        polyak: [{ target: t, source: a, rate: 0.5 }],
      });
      const metrics = await update.run();
      expect(metrics.bSeesA).toBe(4);
      expect(metrics.cSeesA).toBeCloseTo(3, 5);
      expect((await t.read())[0]).toBeCloseTo(1.5, 5);
    });

    test('an optimizer restored goes on as if it had never stopped', async () => {
      const engine = await create();
      const { group, update } = await line(engine);
      for (let i = 0; i < 3; i++) await update.run();
      const [weights, state] = [await group.read(), await update.getState()];
      for (let i = 0; i < 3; i++) await update.run();
      const expected = await group.read();
      await group.write(weights);
      await update.setState(state);
      for (let i = 0; i < 3; i++) await update.run();
      expect(await group.read()).toEqual(expected);
    });

    test('a forward function reads parameters as they are now', async () => {
      const engine = await create();
      const group = engine.createGroup('g', { w: [2] });
      const forward = await engine.compileForward({
        groups: [group],
        inputs: { x: [2] },
        compute: (parameters, inputs) => ({ product: tf.mul(w(parameters), x(inputs)), same: x(inputs) }),
      });
      forward.inputs.x?.set([3, 5]);
      await group.write(Float32Array.of(1, 2));
      await forward.run();
      expect([...(forward.outputs.product ?? [])]).toEqual([3, 10]);
      expect([...(forward.outputs.same ?? [])]).toEqual([3, 5]);
      await group.write(Float32Array.of(2, 3));
      await forward.run();
      expect([...(forward.outputs.product ?? [])]).toEqual([6, 15]);
    });

    test('specs that contradict themselves are refused by name', async () => {
      const engine = await create();
      const group = engine.createGroup('g', { w: [2], unused: [3] });
      const compile = (loss: (p: Parameters) => tf.Tensor, inputs = {}) =>
        engine.compileUpdate({
          groups: [group],
          inputs,
          stages: [[{ name: 'l', group, optimizer: { learningRate: 1 }, loss: p => ({ loss: loss(p) as tf.Scalar }) }]],
        });
      const run = async (loss: (p: Parameters) => tf.Tensor) => (await compile(loss)).run();
      await expect(run(p => tf.sum(w(p)))).rejects.toThrow(/does not depend on unused/);
      await expect(run(p => tf.add(w(p), tf.sum(p.g?.unused as tf.Tensor)))).rejects.toThrow(
        /must be one number.*\[2\]/,
      );
      await expect(compile(p => tf.sum(w(p)), { x: [0] })).rejects.toThrow(EngineSpecError);
      await expect(engine.compileUpdate({ groups: [group], inputs: {}, stages: [] })).rejects.toThrow(/no losses/);
      await expect(group.write(Float32Array.of(1))).rejects.toThrow(/5 numbers, but 1/);
    });

    test('a program that uses TF.js for itself goes on undisturbed', async () => {
      await import('@tensorflow/tfjs-backend-cpu');
      await tf.setBackend('cpu');
      const mine = tf.tensor1d([1, 2, 3]);
      const before = tf.memory().numTensors;
      const engine = await create();
      const { update } = await line(engine);
      for (let i = 0; i < 3; i++) await update.run();
      const during = tf.memory().numTensors;
      for (let i = 0; i < 20; i++) await update.run();
      expect(tf.memory().numTensors).toBe(during);
      expect(tf.getBackend()).toBe('cpu');
      expect([...mine.dataSync()]).toEqual([1, 2, 3]);
      await engine.close();
      expect(tf.memory().numTensors).toBe(before);
      mine.dispose();
    });
  });

test('an operation without a traced kernel is named', async () => {
  const engine = await createEngine();
  const group = engine.createGroup('g', { w: [2] });
  const compile = engine.compileForward({
    groups: [group],
    inputs: {},
    compute: p => ({ y: tf.cumsum(w(p)) }),
  });
  await expect(compile).rejects.toThrow(UnsupportedOperationError);
  await expect(compile).rejects.toThrow(/Cumsum/);
});

test('an operation without a gradient is named', async () => {
  const engine = await createEngine();
  const group = engine.createGroup('g', { w: [2] });
  const compile = engine.compileUpdate({
    groups: [group],
    inputs: {},
    stages: [[{ name: 'l', group, optimizer: { learningRate: 1 }, loss: p => ({ loss: tf.sum(tf.prod(w(p))) }) }]],
  });
  await expect(compile).rejects.toThrow(UnsupportedOperationError);
  await expect(compile).rejects.toThrow(/Prod.*no gradient/);
});

test('a loss that reads numbers while it is traced is told so', async () => {
  const engine = await createEngine();
  const group = engine.createGroup('g', { w: [2] });
  const compile = engine.compileForward({
    groups: [group],
    inputs: {},
    compute: p => ({ y: tf.mul(w(p), w(p).dataSync()[0] as number) }),
  });
  await expect(compile).rejects.toThrow(/reads a tensor as numbers/);
});

test('losses of one stage that share work share its nodes', async () => {
  const engine = await createEngine();
  const groups = ['a', 'b'].map(name => engine.createGroup(name, { w: [4, 4] }));
  const shared = (p: Parameters) => tf.tanh(tf.matMul(p.a?.w as tf.Tensor, p.b?.w as tf.Tensor));
  const count = async (losses: number) => {
    const update = await engine.compileUpdate({
      groups,
      inputs: {},
      stages: [
        groups.slice(0, losses).map(group => ({
          name: group.name,
          group,
          optimizer: { learningRate: 1 },
          loss: p => ({ loss: tf.mean(shared(p)) }),
        })),
      ],
    });
    return (update as unknown as { stages: { program: { nodeCount: number } }[] }).stages[0]?.program.nodeCount ?? 0;
  };
  // The second loss adds its own matrix product and the two reshapes around its flat vectors, nothing else.
  expect((await count(2)) - (await count(1))).toBeLessThanOrEqual(3);
});

test('a full memory is an error that says what to do', () => {
  const engine = new OnnxEngine({ memoryMegabytes: 1 });
  expect(() => engine.createGroup('big', { w: [1024, 1024] })).toThrow(/larger memoryMegabytes/);
});

test('options that exclude each other, and a GPU package that is missing, are errors that say what to do', async () => {
  await expect(createEngine({ backend: 'onnx', device: 'gpu' })).rejects.toThrow(/choose the tfjs backend/);
  await expect(createEngine({ device: 'gpu' })).rejects.toThrow(/npm install .*@tensorflow\/tfjs-node-gpu/);
  await expect(createEngine({ threads: 0 })).rejects.toThrow(/positive integer/);
});
