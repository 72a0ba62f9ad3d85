import * as tf from '@tensorflow/tfjs-core';
import { sumToShape } from './broadcast.ts';
import { type Gradient, saved } from './gradient.ts';

/** Gradients of operations that only move numbers, and of the matrix product. */
export const shapes: readonly Gradient[] = [
  {
    kernel: 'Reshape',
    inputs: ['x'],
    gradient: (dy, s) => {
      const [x] = saved(s, 1);
      return { x: () => tf.reshape(dy, x.shape) };
    },
  },
  {
    kernel: 'ExpandDims',
    inputs: ['input'],
    gradient: (dy, s) => {
      const [input] = saved(s, 1);
      return { input: () => tf.reshape(dy, input.shape) };
    },
  },
  {
    kernel: 'Transpose',
    gradient: (dy, _, attributes) => {
      const permutation = attributes.perm as number[];
      const inverse = permutation.map((__, axis) => permutation.indexOf(axis));
      return { x: () => tf.transpose(dy, inverse) };
    },
  },
  {
    kernel: 'Concat',
    inputs: 'all',
    gradient: (dy, s, attributes) => {
      const axis = attributes.axis as number;
      const sizes = s.map(x => x.shape[axis < 0 ? axis + x.rank : axis] ?? 1);
      const parts = tf.split(dy, sizes, axis);
      return Object.fromEntries(parts.map((part, i) => [i, () => part]));
    },
  },
  {
    kernel: 'Slice',
    inputs: ['x'],
    gradient: (dy, s, attributes) => {
      const [x] = saved(s, 1);
      const begin = attributes.begin as number[];
      const paddings = x.shape.map((size, axis) => {
        const before = begin[axis] ?? 0;
        return [before, size - before - (dy.shape[axis] ?? 1)] as [number, number];
      });
      return { x: () => tf.pad(dy, paddings) };
    },
  },
  {
    kernel: 'PadV2',
    inputs: ['x'],
    gradient: (dy, s, attributes) => {
      const [x] = saved(s, 1);
      const paddings = attributes.paddings as [number, number][];
      return {
        x: () =>
          tf.slice(
            dy,
            paddings.map(p => p[0]),
            x.shape,
          ),
      };
    },
  },
  {
    // Each repeated axis becomes two, the repetitions and the original; the repetitions are summed.
    kernel: 'Tile',
    inputs: ['x'],
    gradient: (dy, s, attributes) => {
      const [x] = saved(s, 1);
      const repetitions = attributes.reps as number[];
      const split = x.shape.flatMap((size, axis) => [repetitions[axis] ?? 1, size]);
      const repeated = x.shape.map((_, axis) => 2 * axis);
      return { x: () => tf.sum(tf.reshape(dy, split), repeated) };
    },
  },
  {
    kernel: 'Pack',
    inputs: 'all',
    gradient: (dy, _, attributes) => {
      const parts = tf.unstack(dy, attributes.axis as number);
      return Object.fromEntries(parts.map((part, i) => [i, () => part]));
    },
  },
  {
    kernel: 'BatchMatMul',
    inputs: ['a', 'b'],
    gradient: (dy, s, attributes) => {
      const [a, b] = saved(s, 2);
      const transposeA = attributes.transposeA as boolean;
      const transposeB = attributes.transposeB as boolean;
      return {
        a: () =>
          sumToShape(transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB), a.shape),
        b: () =>
          sumToShape(transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false), b.shape),
      };
    },
  },
];

/**
 * Gradients of the kernels with several outputs, from a list of their gradients, which {@link Gradient} does not
 * describe.
 */
export const multipleOutputs = {
  SplitV: (dys: tf.Tensor[], attributes: tf.NamedAttrMap) => ({ x: () => tf.concat(dys, attributes.axis as number) }),
  Unpack: (dys: tf.Tensor[], attributes: tf.NamedAttrMap) => ({
    value: () => tf.stack(dys, attributes.axis as number),
  }),
};
