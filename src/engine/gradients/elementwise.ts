import * as tf from '@tensorflow/tfjs-core';
import { type Gradient, saved } from './gradient.ts';

/** A gradient dx = f(dy, x). */
function ofInput(kernel: string, f: (dy: tf.Tensor, x: tf.Tensor) => tf.Tensor): Gradient {
  return {
    kernel,
    inputs: ['x'],
    gradient: (dy, s) => {
      const [x] = saved(s, 1);
      return { x: () => f(dy, x) };
    },
  };
}

/** A gradient dx = f(dy, y) from the kernel's own result, which spares the backward pass the forward one's work. */
function ofOutput(kernel: string, f: (dy: tf.Tensor, y: tf.Tensor) => tf.Tensor): Gradient {
  return {
    kernel,
    outputs: true,
    gradient: (dy, s) => {
      const [y] = saved(s, 1);
      return { x: () => f(dy, y) };
    },
  };
}

/** Step functions: their gradient is zero wherever there is one. */
const flat = ['Step', 'Sign', 'Floor', 'Ceil', 'Round'].map(kernel => ofInput(kernel, dy => tf.zerosLike(dy)));

/** Comparisons are steps too: a loss may choose between values by them, but no gradient passes through the choice. */
const comparisons = [
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
  'Equal',
  'NotEqual',
  'LogicalAnd',
  'LogicalOr',
].map(
  (kernel): Gradient => ({
    kernel,
    inputs: ['a', 'b'],
    gradient: (_, s) => {
      const [a, b] = saved(s, 2);
      return { a: () => tf.zeros(a.shape), b: () => tf.zeros(b.shape) };
    },
  }),
);

/** Gradients of functions of one number, applied to each. */
export const elementwise: readonly Gradient[] = [
  ...flat,
  ...comparisons,
  ofInput('LogicalNot', (_, x) => tf.zeros(x.shape)),
  ofInput('Neg', dy => tf.neg(dy)),
  ofInput('Abs', (dy, x) => tf.mul(dy, tf.sign(x))),
  ofInput('Square', (dy, x) => tf.mul(dy, tf.mul(x, 2))),
  ofOutput('Sqrt', (dy, y) => tf.div(dy, tf.mul(y, 2))),
  ofOutput('Rsqrt', (dy, y) => tf.mul(tf.mul(dy, -0.5), tf.mul(y, tf.square(y)))),
  ofOutput('Reciprocal', (dy, y) => tf.neg(tf.mul(dy, tf.square(y)))),
  ofOutput('Exp', (dy, y) => tf.mul(dy, y)),
  ofOutput('Expm1', (dy, y) => tf.mul(dy, tf.add(y, 1))),
  ofInput('Log', (dy, x) => tf.div(dy, x)),
  ofInput('Log1p', (dy, x) => tf.div(dy, tf.add(x, 1))),
  ofInput('Sin', (dy, x) => tf.mul(dy, tf.cos(x))),
  ofInput('Cos', (dy, x) => tf.neg(tf.mul(dy, tf.sin(x)))),
  ofOutput('Tanh', (dy, y) => tf.mul(dy, tf.sub(1, tf.square(y)))),
  ofOutput('Sigmoid', (dy, y) => tf.mul(dy, tf.mul(y, tf.sub(1, y)))),
  ofInput('Softplus', (dy, x) => tf.mul(dy, tf.sigmoid(x))),
  // From the result, so that the input of the activation need not be kept: y > 0 exactly where x > 0.
  ofOutput('Relu', (dy, y) => tf.mul(dy, tf.step(y))),
  ofOutput('Elu', (dy, y) => tf.where(tf.greater(y, 0), dy, tf.mul(dy, tf.add(y, 1)))),
  {
    kernel: 'LeakyRelu',
    inputs: ['x'],
    gradient: (dy, s, attributes) => {
      const [x] = saved(s, 1);
      return { x: () => tf.where(tf.greater(x, 0), dy, tf.mul(dy, attributes.alpha as number)) };
    },
  },
  {
    kernel: 'ClipByValue',
    inputs: ['x'],
    gradient: (dy, s, attributes) => {
      const [x] = saved(s, 1);
      const low = attributes.clipValueMin as number;
      const high = attributes.clipValueMax as number;
      const inside = () => tf.logicalAnd(tf.greaterEqual(x, low), tf.lessEqual(x, high));
      return { x: () => tf.mul(dy, tf.cast(inside(), 'float32')) };
    },
  },
  {
    kernel: 'Select',
    inputs: ['condition'],
    gradient: (dy, s) => {
      const [condition] = saved(s, 1);
      const mask = () => tf.cast(condition, 'float32');
      return {
        condition: () => tf.zerosLike(mask()),
        t: () => tf.mul(dy, mask()),
        e: () => tf.mul(dy, tf.sub(1, mask())),
      };
    },
  },
  { kernel: 'Cast', gradient: dy => ({ x: () => tf.clone(dy) }) },
  { kernel: 'Identity', gradient: dy => ({ x: () => tf.cast(dy, 'float32') }) },
  { kernel: 'ZerosLike', gradient: dy => ({ x: () => tf.zerosLike(dy) }) },
  { kernel: 'OnesLike', gradient: dy => ({ x: () => tf.zerosLike(dy) }) },
];
