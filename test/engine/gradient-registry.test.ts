import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/index.ts';
import { TFJS_BACKENDS } from './tfjs-backend-names.ts';

// The engine is imported in the tests: after a gradient was registered, or before.
const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  onnx: async () => (await import('../../src/engine/index.ts')).createEngine({ backend: 'onnx' }),
  ...Object.fromEntries(
    TFJS_BACKENDS.map(name => [
      `tfjs ${name}`,
      async () => (await import('../../src/engine/tfjs/engine.ts')).createTfjsEngine('cpu', name),
    ]),
  ),
};

/** A gradient of tanh that is wrong, as a package beside the engine might register it. */
const wrong: tf.GradConfig = { kernelName: 'Tanh', gradFunc: dy => ({ x: () => tf.mul(dy as tf.Tensor, 100) }) };

/** The gradient of tanh(w) at 0.5, computed through an update and inside a forward function. */
async function slopes(engine: Engine, beforeComputing = () => {}): Promise<readonly number[]> {
  const group = engine.createGroup('g', { w: [1] });
  await group.write(Float32Array.of(0.5));
  const tanh = (w: tf.Tensor) => tf.sum<tf.Scalar>(tf.tanh(w));
  beforeComputing();
  const update = await engine.compileUpdate({
    groups: [group],
    inputs: {},
    stages: [[{ name: 'l', group, optimizer: { learningRate: 1 }, loss: p => ({ loss: tanh(p.g?.w as tf.Tensor) }) }]],
  });
  const { gradients } = await update.computeGradients();
  const forward = await engine.compileForward({
    groups: [group],
    inputs: {},
    compute: p => ({ slope: tf.grad(tanh)(p.g?.w as tf.Tensor) }),
  });
  await forward.run();
  await engine.close();
  return [gradients.l?.[0] as number, forward.outputs.slope?.[0] as number];
}

const EXPECTED = 1 - Math.tanh(0.5) ** 2;

afterEach(() => {
  if (tf.getGradient('Tanh') === wrong) tf.unregisterGradient('Tanh');
});

describe.each(Object.entries(engines))('%s', (_, create) => {
  test('computes its own gradient where another is registered before the engine is loaded', async () => {
    tf.registerGradient(wrong);
    for (const slope of await slopes(await create())) expect(slope).toBeCloseTo(EXPECTED, 6);
  });

  test('computes its own gradient where another is registered after the engine is loaded', async () => {
    for (const slope of await slopes(await create(), () => tf.registerGradient(wrong)))
      expect(slope).toBeCloseTo(EXPECTED, 6);
  });

  test('leaves the registered gradients of TF.js as they were, also after a loss that throws', async () => {
    tf.registerGradient(wrong);
    const exp = tf.getGradient('Exp');
    await slopes(await create());
    const failing = (await create()).compileForward({
      groups: [],
      inputs: {},
      compute: () => {
        throw new Error('a loss that throws');
      },
    });
    await expect(failing).rejects.toThrow('a loss that throws');
    expect(tf.getGradient('Tanh')).toBe(wrong);
    expect(tf.getGradient('Exp')).toBe(exp);
  });
});

test('the onnx backend has no gradient that another package registered for a kernel without one', async () => {
  const gradient: tf.GradConfig = { kernelName: 'Prod', gradFunc: dy => ({ x: () => tf.mul(dy as tf.Tensor, 100) }) };
  const before = tf.getGradient('Prod') as tf.GradConfig | undefined; // Of a TF.js package that a backend loaded.
  tf.registerGradient(gradient);
  const engine = await (await import('../../src/engine/index.ts')).createEngine({ backend: 'onnx' });
  const group = engine.createGroup('g', { w: [2] });
  const compiling = engine.compileUpdate({
    groups: [group],
    inputs: {},
    stages: [
      [
        {
          name: 'l',
          group,
          optimizer: { learningRate: 1 },
          loss: p => ({ loss: tf.sum(tf.prod(p.g?.w as tf.Tensor)) }),
        },
      ],
    ],
  });
  await expect(compiling).rejects.toThrow(/Prod.*no gradient/);
  expect(tf.getGradient('Prod')).toBe(gradient);
  if (before === undefined) tf.unregisterGradient('Prod');
  else tf.registerGradient(before);
});
