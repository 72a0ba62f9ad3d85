import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../common/random.ts';
import { layerNorm, type Shapes, type Tensors } from '../engine/index.ts';

/** A multi-layer perceptron, without its parameters. */
export interface Perceptron {
  readonly inputSize: number;
  readonly hidden: readonly number[];
  readonly outputSize: number;
  /** Normalize every hidden layer before its rectifier (Ba et al. 2016), without learned scale and shift. */
  readonly layerNorm?: boolean;
  /** Between layers; `relu` by default. */
  readonly activation?: 'relu' | 'tanh';
}

/** Weights `[in, out]` and biases `[out]` by layer; names begin with `prefix`, so that a group may hold several. */
export function perceptronShapes({ inputSize, hidden, outputSize }: Perceptron, prefix = ''): Shapes {
  const sizes = [inputSize, ...hidden, outputSize];
  const shapes: Record<string, number[]> = {};
  for (let layer = 0; layer + 1 < sizes.length; layer++) {
    const [fanIn, fanOut] = [sizes[layer] as number, sizes[layer + 1] as number];
    shapes[`${prefix}weight${layer}`] = [fanIn, fanOut];
    shapes[`${prefix}bias${layer}`] = [fanOut];
  }
  return shapes;
}

/**
 * The perceptron's outputs `[batch, out]` for a batch `[batch, in]`: hidden layers with their activation, a linear last one.
 */
export function perceptron(network: Perceptron, parameters: Tensors, input: tf.Tensor, prefix = ''): tf.Tensor {
  const layers = network.hidden.length + 1;
  let x = input;
  for (let layer = 0; layer < layers; layer++) {
    // Named by perceptronShapes.
    const weight = parameters[`${prefix}weight${layer}`] as tf.Tensor;
    const bias = parameters[`${prefix}bias${layer}`] as tf.Tensor;
    x = tf.add(tf.matMul(x, weight), bias);
    if (layer === layers - 1) break;
    const normalized = network.layerNorm ? layerNorm(x) : x;
    x = network.activation === 'tanh' ? tf.tanh(normalized) : tf.relu(normalized);
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
    if (isWeight) fanIn = shape[0] as number;
    const scale = hidden === 'torch' ? 1 / Math.sqrt(fanIn) : isWeight ? Math.sqrt(3 / fanIn) : 0;
    const bound = !isLast ? scale : isWeight || hidden === 'torch' ? lastBound : 0;
    const size = shape.reduce((product, n) => product * n, 1);
    for (let k = 0; k < size; k++) values.push(bound === 0 ? 0 : random.uniform(-bound, bound));
  });
  return Float32Array.from(values);
}
