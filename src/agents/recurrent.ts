import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../common/random.ts';
import type { Shapes, Tensors } from '../engine/index.ts';
import { orthogonalMatrix } from './orthogonal.ts';

/** A recurrent layer, without its parameters. */
export interface RecurrentCore {
  readonly kind: 'gru' | 'lstm';
  readonly inputSize: number;
  readonly size: number;
}

/** How many blocks of `size` columns the weights have: one a gate. */
const GATES = { gru: 3, lstm: 4 } as const;

/** Widths of the states: the hidden one, and an LSTM's cell. */
export function recurrentStates({ kind, size }: RecurrentCore): number[] {
  return kind === 'gru' ? [size] : [size, size];
}

export function recurrentShapes({ kind, inputSize, size }: RecurrentCore, prefix: string): Shapes {
  const width = GATES[kind] * size;
  return {
    [`${prefix}inputWeight`]: [inputSize, width],
    [`${prefix}stateWeight`]: [size, width],
    [`${prefix}inputBias`]: [width],
    [`${prefix}stateBias`]: [width],
  };
}

/** Parameters in the order of {@link recurrentShapes}: orthogonal blocks, biases zero. */
export function initializeRecurrent({ kind, inputSize, size }: RecurrentCore, random: Random): Float32Array {
  const gates = GATES[kind];
  const blocks = (rows: number) => {
    const matrix = new Float32Array(rows * gates * size);
    for (let gate = 0; gate < gates; gate++) {
      const block = orthogonalMatrix(rows, size, 1, random);
      for (let row = 0; row < rows; row++)
        matrix.set(block.subarray(row * size, (row + 1) * size), (row * gates + gate) * size);
    }
    return [...matrix];
  };
  return Float32Array.from([...blocks(inputSize), ...blocks(size), ...new Float32Array(2 * gates * size)]);
}

/**
 * One step of a gated recurrent unit, with the gates in PyTorch's order r, z, n:
 *
 *   h′ = (1 − z) tanh(xₙ + r hₙ) + z h,  r = σ(xᵣ + hᵣ),  z = σ(x_z + h_z)
 *
 * Source: Cho et al. 2014, https://arxiv.org/abs/1406.1078, in the form of PyTorch's GRU.
 */
function gruStep(x: tf.Tensor, h: tf.Tensor, hidden: tf.Tensor): tf.Tensor {
  const [xr, xz, xn] = tf.split(x, 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const [hr, hz, hn] = tf.split(h, 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const reset = tf.sigmoid(tf.add(xr, hr));
  const update = tf.sigmoid(tf.add(xz, hz));
  const candidate = tf.tanh(tf.add(xn, tf.mul(reset, hn)));
  return tf.add(candidate, tf.mul(update, tf.sub(hidden, candidate)));
}

/**
 * One step of a long short-term memory, gates in PyTorch's order i, f, g, o: c′ = f c + i g, h′ = o tanh(c′).
 *
 * Source: Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000.
 */
function lstmStep(gates: tf.Tensor, cell: tf.Tensor): [hidden: tf.Tensor, cell: tf.Tensor] {
  const [i, f, g, o] = tf.split(gates, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const next = tf.add(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), tf.tanh(g)));
  return [tf.mul(tf.sigmoid(o), tf.tanh(next)), next];
}

/**
 * Runs the layer over sequences of `steps` steps.
 *
 * @param inputs `[steps × count, in]`, all sequences' first steps first
 * @param states before the first step, each `[count, size]`
 * @returns outputs `[steps × count, size]` in the same order, and the states after the last step
 */
export function runRecurrent(
  { kind }: RecurrentCore,
  parameters: Tensors,
  prefix: string,
  inputs: tf.Tensor,
  states: readonly tf.Tensor[],
  steps: number,
): { readonly outputs: tf.Tensor; readonly states: readonly tf.Tensor[] } {
  // Named by recurrentShapes.
  const [inputWeight, stateWeight, inputBias, stateBias] = ['inputWeight', 'stateWeight', 'inputBias', 'stateBias'].map(
    name => parameters[`${prefix}${name}`],
  ) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  // What does not wait for the state is one product for all steps.
  const projected = tf.add(tf.matMul(inputs, inputWeight), inputBias);
  const parts = steps === 1 ? [projected] : tf.split(projected, steps, 0);
  let [hidden, cell] = states as [tf.Tensor, tf.Tensor];
  const outputs: tf.Tensor[] = [];
  for (const x of parts) {
    const h = tf.add(tf.matMul(hidden, stateWeight), stateBias);
    if (kind === 'gru') hidden = gruStep(x, h, hidden);
    else [hidden, cell] = lstmStep(tf.add(x, h), cell);
    outputs.push(hidden);
  }
  return {
    outputs: outputs.length === 1 ? hidden : tf.concat(outputs, 0),
    states: kind === 'gru' ? [hidden] : [hidden, cell],
  };
}
