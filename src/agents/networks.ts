import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../common/random.ts';
import type { Shapes, Tensors } from '../engine/index.ts';
import { layerNorm } from '../engine/index.ts';

/** A multi-layer perceptron, or several of the same form side by side. */
export interface Perceptron {
  readonly inputSize: number;
  readonly hidden: readonly number[];
  readonly outputSize: number;
  /** Normalize every hidden layer before its rectifier (Ba et al. 2016), without learned scale and shift. */
  readonly layerNorm?: boolean;
  /** How many of them, as one set of stacked parameters; a single plain one where left out. */
  readonly count?: number;
}

/** Weights `[in, out]` and biases `[out]` by layer; `[count, in, out]` and `[count, 1, out]` where there are several. */
export function perceptronShapes({ inputSize, hidden, outputSize, count }: Perceptron): Shapes {
  const sizes = [inputSize, ...hidden, outputSize];
  const shapes: Record<string, number[]> = {};
  for (let layer = 0; layer + 1 < sizes.length; layer++) {
    const [fanIn, fanOut] = [sizes[layer] as number, sizes[layer + 1] as number];
    shapes[`weight${layer}`] = count === undefined ? [fanIn, fanOut] : [count, fanIn, fanOut];
    shapes[`bias${layer}`] = count === undefined ? [fanOut] : [count, 1, fanOut];
  }
  return shapes;
}

/**
 * The perceptron's outputs for a batch: rectified hidden layers, a linear last one.
 *
 * @param input `[batch, in]`, the same for all where there are several
 * @returns `[batch, out]`, or `[count, batch, out]`
 */
export function perceptron(network: Perceptron, parameters: Tensors, input: tf.Tensor): tf.Tensor {
  const layers = network.hidden.length + 1;
  let x = network.count === undefined ? input : tf.expandDims(input, 0);
  for (let layer = 0; layer < layers; layer++) {
    const [weight, bias] = [parameters[`weight${layer}`] as tf.Tensor, parameters[`bias${layer}`] as tf.Tensor];
    x = tf.add(tf.matMul(x, weight), bias);
    if (layer < layers - 1) x = tf.relu(network.layerNorm ? layerNorm(x) : x);
  }
  return x;
}

/** How parameters start. */
export interface Initialization {
  /**
   * `lecun`: hidden weights uniform with variance 1 / fan-in, biases zero (LeCun et al. 1998).
   * `torch`: weights and biases uniform in ±1/√fan-in, as PyTorch's Linear starts.
   */
  readonly hidden: 'lecun' | 'torch';
  /** The last layer's numbers are uniform in ± this; small, so that the first outputs are near zero. */
  readonly lastBound: number;
}

/** Parameters in the order of {@link perceptronShapes}, as one flat vector. */
export function initializePerceptron(
  network: Perceptron,
  { hidden, lastBound }: Initialization,
  random: Random,
): Float32Array {
  const shapes = Object.entries(perceptronShapes(network));
  const values: number[] = [];
  let fanIn = 1;
  shapes.forEach(([name, shape], i) => {
    const isWeight = name.startsWith('weight');
    const isLast = i >= shapes.length - 2;
    if (isWeight) fanIn = shape[shape.length - 2] as number;
    const scale = hidden === 'torch' ? 1 / Math.sqrt(fanIn) : isWeight ? Math.sqrt(3 / fanIn) : 0;
    const bound = !isLast ? scale : isWeight || hidden === 'torch' ? lastBound : 0;
    const size = shape.reduce((product, n) => product * n, 1);
    for (let k = 0; k < size; k++) values.push(bound === 0 ? 0 : random.uniform(-bound, bound));
  });
  return Float32Array.from(values);
}
