import type { Random } from '../common/random.ts';
import { type Perceptron, perceptronShapes } from './networks.ts';

/**
 * A matrix `[rows, columns]` whose shorter side's vectors are orthogonal and of length `gain`.
 *
 * Source: Saxe et al. 2014, https://arxiv.org/abs/1312.6120; by Gram and Schmidt's method, in double precision.
 */
export function orthogonalMatrix(rows: number, columns: number, gain: number, random: Random): Float32Array {
  const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (const other of vectors) {
      const projection = other.reduce((sum, value, i) => sum + value * (vector[i] as number), 0);
      for (let i = 0; i < length; i++) vector[i] = (vector[i] as number) - projection * (other[i] as number);
    }
    const norm = Math.hypot(...vector);
    vectors.push(vector.map(value => value / norm));
  }
  const matrix = new Float32Array(rows * columns);
  for (const [v, vector] of vectors.entries())
    for (const [i, value] of vector.entries())
      matrix[rows < columns ? v * columns + i : i * columns + v] = gain * value;
  return matrix;
}

/**
 * Parameters in the order of {@link perceptronShapes}: orthogonal weights, biases zero, as PPO's implementations start.
 *
 * Source: Huang et al. 2022, The 37 Implementation Details of Proximal Policy Optimization, detail 2.
 */
export function initializeOrthogonal(
  network: Perceptron,
  { hidden, last }: { readonly hidden: number; readonly last: number },
  random: Random,
): Float32Array {
  const layers = network.hidden.length + 1;
  const parts = Object.values(perceptronShapes(network)).map((shape, i) => {
    const [rows = 1, columns] = shape;
    if (columns === undefined) return new Float32Array(rows);
    return orthogonalMatrix(rows, columns, i >> 1 === layers - 1 ? last : hidden, random);
  });
  return Float32Array.from(parts.flatMap(part => [...part]));
}
