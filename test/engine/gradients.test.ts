import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { Random } from '../../src/common/random.ts';
import { withGradients } from '../../src/engine/gradients/index.ts';
import { createEngine, layerNorm } from '../../src/engine/index.ts';
import { tracedKernels } from '../../src/engine/onnx/kernels/index.ts';
import { findBackend, type TfjsBackendName } from '../../src/engine/tfjs/backends.ts';
import { TFJS_BACKENDS } from './tfjs-backend-names.ts';

interface Case {
  readonly kernels: readonly string[];
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly compute: (x: Record<string, tf.Tensor>) => tf.Tensor;
  /** Makes inputs positive, for logarithms and roots. */
  readonly positive?: boolean;
  /** No gradient to compare: the result is a mask or an index. */
  readonly flat?: boolean;
}

const A = [3, 4];
const one = (kernel: string, compute: (x: tf.Tensor) => tf.Tensor, extra: Partial<Case> = {}): [string, Case] => [
  kernel,
  { kernels: [kernel], shapes: { a: A }, compute: ({ a }) => compute(a as tf.Tensor), ...extra },
];
const two = (
  name: string,
  kernel: string,
  compute: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  shapes: Record<string, readonly number[]> = { a: A, b: A },
  extra: Partial<Case> = {},
): [string, Case] => [
  name,
  { kernels: [kernel], shapes, compute: ({ a, b }) => compute(a as tf.Tensor, b as tf.Tensor), ...extra },
];
const broadcasts: [string, Record<string, readonly number[]>][] = [
  ['same shapes', { a: A, b: A }],
  ['a row', { a: A, b: [4] }],
  ['a column', { a: A, b: [3, 1] }],
  ['a scalar', { a: A, b: [] }],
  ['both', { a: [3, 1], b: [2, 1, 4] }],
];
const arithmetic: [string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor][] = [
  ['Add', tf.add],
  ['Sub', tf.sub],
  ['Multiply', tf.mul],
  ['RealDiv', (a, b) => tf.div(a, tf.add(b, 3))],
  ['Maximum', tf.maximum],
  ['Minimum', tf.minimum],
  ['SquaredDifference', tf.squaredDifference],
];

const cases: readonly [string, Case][] = [
  ...arithmetic.flatMap(([kernel, f]) =>
    broadcasts.map(([how, shapes]) => two(`${kernel} with ${how}`, kernel, f, shapes)),
  ),
  two('Pow', 'Pow', tf.pow, undefined, { positive: true }),
  two('a constant operand', 'Multiply', (a, b) => tf.add(tf.mul(tf.div(a, 4), tf.mul(tf.sub(1, b), 1)), 0)),
  one('AddN', a => tf.addN([a, tf.square(a), a])),
  one('Add', a => tf.add(tf.add(a, a), tf.mul(a, a))),
  one('Neg', tf.neg),
  one('Abs', tf.abs),
  one('Square', tf.square),
  one('Sqrt', tf.sqrt, { positive: true }),
  one('Rsqrt', tf.rsqrt, { positive: true }),
  one('Reciprocal', a => tf.reciprocal(tf.add(a, 3))),
  one('Exp', tf.exp),
  one('Expm1', tf.expm1),
  one('Log', tf.log, { positive: true }),
  one('Log1p', tf.log1p, { positive: true }),
  one('Sin', tf.sin),
  one('Cos', tf.cos),
  one('Tanh', tf.tanh),
  one('Sigmoid', tf.sigmoid),
  one('Softplus', a => tf.softplus(tf.mul(a, 3))),
  one('Relu', tf.relu),
  one('Elu', tf.elu),
  one('LeakyRelu', a => tf.leakyRelu(a, 0.1)),
  one('ClipByValue', a => tf.clipByValue(a, -0.5, 0.7)),
  one('Step', a => tf.mul(a, tf.step(a))),
  one('Step', a => tf.mul(a, tf.step(a, 0.3))),
  one('Sign', a => tf.mul(a, tf.sign(a))),
  one('Floor', a => tf.mul(a, tf.floor(tf.mul(a, 5)))),
  one('Ceil', a => tf.mul(a, tf.ceil(tf.mul(a, 5)))),
  one('Round', a => tf.mul(a, tf.round(tf.mul(a, 5)))),
  one('Cast', a => tf.mul(a, tf.cast(tf.greater(a, 0), 'float32'))),
  one('Identity', a => tf.clone(a)),
  one('ZerosLike', a => tf.add(a, tf.zerosLike(a))),
  one('OnesLike', a => tf.mul(a, tf.onesLike(a))),
  one('Fill', a => tf.mul(a, tf.fill([3, 4], 2.5))),
  two('Select', 'Select', (a, b) => tf.where(tf.greater(a, b), tf.square(a), tf.mul(b, 3))),
  two('Greater', 'Greater', (a, b) => tf.cast(tf.greater(a, b), 'float32'), undefined, { flat: true }),
  two('GreaterEqual', 'GreaterEqual', (a, b) => tf.cast(tf.greaterEqual(a, b), 'float32'), undefined, { flat: true }),
  two('Less', 'Less', (a, b) => tf.cast(tf.less(a, b), 'float32'), undefined, { flat: true }),
  two('LessEqual', 'LessEqual', (a, b) => tf.cast(tf.lessEqual(a, b), 'float32'), undefined, { flat: true }),
  two('Equal', 'Equal', (a, b) => tf.cast(tf.equal(tf.sign(a), tf.sign(b)), 'float32'), undefined, { flat: true }),
  two('NotEqual', 'NotEqual', (a, b) => tf.cast(tf.notEqual(tf.sign(a), tf.sign(b)), 'float32'), undefined, {
    flat: true,
  }),
  ...(
    [
      ['LogicalAnd', tf.logicalAnd],
      ['LogicalOr', tf.logicalOr],
    ] as const
  ).map(([kernel, f]) =>
    two(kernel, kernel, (a, b) => tf.cast(f(tf.greater(a, 0), tf.greater(b, 0)), 'float32'), undefined, { flat: true }),
  ),
  one('LogicalNot', a => tf.cast(tf.logicalNot(tf.greater(a, 0)), 'float32'), { flat: true }),
  one('Sum', a => tf.sum(a, 1)),
  one('Sum', a => tf.sum(a, 0)),
  one('Sum', a => tf.sum(a)),
  one('Mean', a => tf.mean(a, -1, true)),
  one('Mean', a => tf.mean(a)),
  one('Max', a => tf.max(a, 1)),
  one('Min', a => tf.min(a, 0, true)),
  one('Prod', a => tf.prod(a, 1), { flat: true }),
  one('ArgMax', a => tf.cast(tf.argMax(a, 1), 'float32'), { flat: true }),
  one('Softmax', a => tf.softmax(a)),
  one('LogSoftmax', a => tf.logSoftmax(a)),
  one('Reshape', a => tf.reshape(a, [2, -1])),
  one('ExpandDims', a => tf.expandDims(a, 1)),
  one('Transpose', a => tf.transpose(a)),
  one('Transpose', a => tf.mul(tf.transpose(tf.transpose(tf.reshape(a, [3, 2, 2]), [2, 0, 1])), 2)),
  one('Tile', a => tf.tile(a, [2, 3])),
  one('Tile', a => tf.tile(tf.reshape(a, [3, 1, 4]), [1, 2, 1])),
  one('SplitV', a => tf.mul(...(tf.split(a, 2, 1) as [tf.Tensor, tf.Tensor]))),
  one('SplitV', a => tf.square(tf.split(a, [1, 3], 1)[1] as tf.Tensor)),
  two('Concat', 'Concat', (a, b) => tf.square(tf.concat([a, b], 1)), { a: A, b: [3, 2] }),
  one('Concat', a => tf.square(tf.concat(tf.split(a, 2, 1), 1))),
  one('Slice', a => tf.square(tf.slice(a, [1, 0], [2, 3]))),
  one('PadV2', a =>
    tf.square(
      tf.pad(
        a,
        [
          [1, 0],
          [0, 2],
        ],
        0.5,
      ),
    ),
  ),
  two('Pack', 'Pack', (a, b) => tf.square(tf.stack([a, b], 1))),
  one('Unpack', a => tf.mul(...(tf.unstack(tf.reshape(a, [6, 2]), 1) as [tf.Tensor, tf.Tensor]))),
  one('GatherV2', a => tf.gather(a, tf.tensor1d([2, 0], 'int32')), { flat: true }),
  two('BatchMatMul', 'BatchMatMul', (a, b) => tf.matMul(a, b), { a: A, b: [4, 2] }),
  two('BatchMatMul aᵀ', 'BatchMatMul', (a, b) => tf.matMul(a, b, true), { a: [4, 3], b: [4, 2] }),
  two('BatchMatMul bᵀ', 'BatchMatMul', (a, b) => tf.matMul(a, b, false, true), { a: A, b: [2, 4] }),
  two('BatchMatMul aᵀ bᵀ', 'BatchMatMul', (a, b) => tf.matMul(a, b, true, true), { a: [4, 3], b: [2, 4] }),
  two('BatchMatMul to a column', 'BatchMatMul', (a, b) => tf.matMul(a, b), { a: A, b: [4, 1] }),
  two('BatchMatMul and a bias', 'BatchMatMul', (a, b) => tf.add(tf.matMul(a, a, false, true), b), { a: A, b: [3] }),
  two('BatchMatMul of a batch', 'BatchMatMul', (a, b) => tf.matMul(a, b), { a: [2, 3, 4], b: [2, 4, 5] }),
  two('BatchMatMul of a batch bᵀ', 'BatchMatMul', (a, b) => tf.matMul(a, b, false, true), {
    a: [2, 3, 4],
    b: [2, 5, 4],
  }),
  two('BatchMatMul, the left one shared', 'BatchMatMul', (a, b) => tf.matMul(a, b), { a: [1, 3, 4], b: [2, 4, 5] }),
  two('BatchMatMul, the right one shared', 'BatchMatMul', (a, b) => tf.matMul(a, b), { a: [2, 3, 4], b: [1, 4, 5] }),
  [
    'GraspbridgeLayerNorm',
    { kernels: ['GraspbridgeLayerNorm'], shapes: { a: A }, compute: ({ a }) => layerNorm(a as tf.Tensor) },
  ],
];

/** What traced results are compared with. */
const REFERENCE: TfjsBackendName = TFJS_BACKENDS.includes('tensorflow') ? 'tensorflow' : 'cpu';

beforeAll(async () => {
  await tf.setBackend((await findBackend('cpu', REFERENCE)).name);
});

/** A function as a loss: the sum of its results, each with its own weight so that none can hide behind another. */
function weigh(y: tf.Tensor): tf.Scalar {
  const weights = Array.from({ length: y.size }, (_, i) => Math.sin(i + 1) + 0.2);
  return tf.sum(tf.mul(y, tf.tensor(weights, y.shape)));
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

for (const [name, { shapes, compute, positive, flat }] of cases)
  test(`${name}: traced result and gradient are TF.js's, and the gradient is the slope`, async () => {
    const random = new Random(11);
    const values = Object.fromEntries(
      Object.entries(shapes).map(([key, shape]) => [
        key,
        Float32Array.from({ length: sizeOf(shape) }, () => (positive ? random.uniform(0.5, 2) : random.uniform(-1, 1))),
      ]),
    );
    const names = Object.keys(shapes);
    const flatValues = Float32Array.from(names.flatMap(key => [...(values[key] as Float32Array)]));
    /** Loss and gradient on TF.js's plain JavaScript backend. */
    const reference = (at: Float32Array) => {
      let offset = 0;
      const tensors = names.map(key => {
        const shape = shapes[key] as number[];
        const tensor = tf.tensor(at.slice(offset, offset + sizeOf(shape)), shape);
        offset += sizeOf(shape);
        return tensor;
      });
      const loss = (...xs: tf.Tensor[]) =>
        weigh(compute(Object.fromEntries(names.map((key, i) => [key, xs[i] as tf.Tensor]))));
      if (flat) return { value: loss(...tensors).dataSync()[0] as number, gradient: [] as number[] };
      const { value, grads } = withGradients(() => tf.valueAndGrads(loss)(tensors));
      return { value: value.dataSync()[0] as number, gradient: grads.flatMap(g => [...g.dataSync()]) };
    };
    const expected = reference(flatValues);

    const engine = await createEngine();
    const group = engine.createGroup('x', shapes);
    await group.write(flatValues);
    if (flat) {
      const forward = await engine.compileForward({
        groups: [group],
        inputs: {},
        compute: parameters => ({ value: weigh(compute({ ...parameters.x })) }),
      });
      await forward.run();
      expect(forward.outputs.value?.[0]).toBeCloseTo(expected.value, 4);
      return engine.close();
    }
    // Adam's first moment after one step from zero is 0.1 times the gradient.
    const update = await engine.compileUpdate({
      groups: [group],
      inputs: {},
      stages: [
        [
          {
            name: 'loss',
            group,
            optimizer: { learningRate: 1e-3 },
            loss: parameters => ({ loss: weigh(compute({ ...parameters.x })) }),
          },
        ],
      ],
    });
    const metrics = await update.run();
    expect(metrics.loss).toBeCloseTo(expected.value, 4);
    const { first } = (await update.getState()).loss as { first: Float32Array };
    expected.gradient.forEach((g, i) => {
      expect((first[i] as number) * 10, `gradient ${i}`).toBeCloseTo(g, 4);
    });
    // Central differences, away from kinks: where the two one-sided slopes differ, there is no slope to compare with.
    const step = 1e-2;
    for (let i = 0; i < flatValues.length; i++) {
      const at = (shift: number) => reference(flatValues.map((v, k) => (k === i ? v + shift : v))).value;
      const [low, middle, high] = [at(-step), at(0), at(step)];
      if (Math.abs(high - 2 * middle + low) > 1e-3) continue;
      expect(Math.abs((high - low) / (2 * step) - (expected.gradient[i] as number)), `slope ${i}`).toBeLessThan(2e-2);
    }
    await engine.close();
  });

test('every traced kernel is among the cases above', () => {
  const tested = new Set(cases.flatMap(([, { kernels }]) => kernels));
  expect(tracedKernels.filter(kernel => !tested.has(kernel))).toEqual([]);
});
