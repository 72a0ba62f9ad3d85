import * as tf from '@tensorflow/tfjs-core';
import { sumToShape } from './broadcast.ts';
import { type Gradient, saved } from './gradient.ts';

/** Gradients of operations on two broadcast operands; each is summed back to its operand's shape. */
export const arithmetic: readonly Gradient[] = [
  {
    kernel: 'Add',
    inputs: ['a', 'b'],
    gradient: (dy, s) => {
      const [a, b] = saved(s, 2);
      return { a: () => sumToShape(dy, a.shape), b: () => sumToShape(dy, b.shape) };
    },
  },
  {
    kernel: 'AddN',
    inputs: 'all',
    gradient: (dy, s) => Object.fromEntries(s.map((_, i) => [i, () => tf.clone(dy)])),
  },
  {
    kernel: 'Sub',
    inputs: ['a', 'b'],
    gradient: (dy, s) => {
      const [a, b] = saved(s, 2);
      return { a: () => sumToShape(dy, a.shape), b: () => tf.neg(sumToShape(dy, b.shape)) };
    },
  },
  {
    kernel: 'Multiply',
    inputs: ['a', 'b'],
    gradient: (dy, s) => {
      const [a, b] = saved(s, 2);
      return { a: () => sumToShape(tf.mul(dy, b), a.shape), b: () => sumToShape(tf.mul(dy, a), b.shape) };
    },
  },
  {
    kernel: 'RealDiv',
    inputs: ['a', 'b'],
    gradient: (dy, s) => {
      const [a, b] = saved(s, 2);
      return {
        a: () => sumToShape(tf.div(dy, b), a.shape),
        b: () => tf.neg(sumToShape(tf.mul(dy, tf.div(a, tf.square(b))), b.shape)),
      };
    },
  },
  {
    // d/da a^b = b a^(b-1); d/db a^b = a^b ln a, taken as 0 where a <= 0.
    kernel: 'Pow',
    inputs: ['a', 'b'],
    outputs: true,
    gradient: (dy, s) => {
      const [a, b, y] = saved(s, 3);
      return {
        a: () => sumToShape(tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1)))), a.shape),
        b: () => {
          const logarithm = tf.where(tf.greater(a, 0), tf.log(tf.maximum(a, Number.MIN_VALUE)), tf.zerosLike(a));
          return sumToShape(tf.mul(dy, tf.mul(y, logarithm)), b.shape);
        },
      };
    },
  },
  {
    kernel: 'SquaredDifference',
    inputs: ['a', 'b'],
    gradient: (dy, s) => {
      const [a, b] = saved(s, 2);
      const da = () => tf.mul(dy, tf.mul(tf.sub(a, b), 2));
      return { a: () => sumToShape(da(), a.shape), b: () => tf.neg(sumToShape(da(), b.shape)) };
    },
  },
  {
    // At a tie the gradient goes to the first operand, as in TF.js.
    kernel: 'Maximum',
    inputs: ['a', 'b'],
    gradient: (dy, s) => {
      const [a, b] = saved(s, 2);
      return {
        a: () => sumToShape(tf.mul(dy, tf.cast(tf.greaterEqual(a, b), 'float32')), a.shape),
        b: () => sumToShape(tf.mul(dy, tf.cast(tf.less(a, b), 'float32')), b.shape),
      };
    },
  },
  {
    kernel: 'Minimum',
    inputs: ['a', 'b'],
    gradient: (dy, s) => {
      const [a, b] = saved(s, 2);
      return {
        a: () => sumToShape(tf.mul(dy, tf.cast(tf.lessEqual(a, b), 'float32')), a.shape),
        b: () => sumToShape(tf.mul(dy, tf.cast(tf.greater(a, b), 'float32')), b.shape),
      };
    },
  },
];
