import * as tf from '@tensorflow/tfjs-core';
import { keepReducedAxes, normalizeAxes } from './broadcast.ts';
import { type Gradient, saved } from './gradient.ts';

/** Where the extreme value stands, the gradient passes; equal values all get it, as in TF.js. */
function extreme(kernel: 'Max' | 'Min', attribute: string): Gradient {
  return {
    kernel,
    inputs: ['x'],
    outputs: true,
    gradient: (dy, s, attributes) => {
      const [x, y] = saved(s, 2);
      const axes = normalizeAxes(attributes[attribute], x.rank);
      return {
        x: () => {
          const mask = tf.cast(tf.equal(x, keepReducedAxes(y, x.shape, axes)), 'float32');
          return tf.mul(keepReducedAxes(dy, x.shape, axes), mask);
        },
      };
    },
  };
}

/** Gradients of reductions over axes. */
export const reductions: readonly Gradient[] = [
  {
    kernel: 'Sum',
    inputs: ['x'],
    gradient: (dy, s, attributes) => {
      const [x] = saved(s, 1);
      const axes = normalizeAxes(attributes.axis, x.rank);
      return { x: () => tf.broadcastTo(keepReducedAxes(dy, x.shape, axes), x.shape) };
    },
  },
  {
    kernel: 'Mean',
    inputs: ['x'],
    gradient: (dy, s, attributes) => {
      const [x] = saved(s, 1);
      const axes = normalizeAxes(attributes.axis, x.rank);
      const count = axes.reduce((product, axis) => product * (x.shape[axis] ?? 1), 1);
      // Divided before it is repeated: one division instead of `count`.
      return { x: () => tf.broadcastTo(tf.div(keepReducedAxes(dy, x.shape, axes), count), x.shape) };
    },
  },
  extreme('Max', 'reductionIndices'),
  extreme('Min', 'axis'),
  {
    kernel: 'Softmax',
    outputs: true,
    gradient: (dy, s, attributes) => {
      const [y] = saved(s, 1);
      const axis = attributes.dim as number;
      return {
        logits: () => {
          const weighted = tf.mul(dy, y);
          return tf.sub(weighted, tf.mul(tf.sum(weighted, axis, true), y));
        },
      };
    },
  },
  {
    kernel: 'LogSoftmax',
    outputs: true,
    gradient: (dy, s, attributes) => {
      const [y] = saved(s, 1);
      return { logits: () => tf.sub(dy, tf.mul(tf.sum(dy, attributes.axis as number, true), tf.exp(y))) };
    },
  },
];
