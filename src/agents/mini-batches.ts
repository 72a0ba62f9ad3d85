import type { Random } from '../common/random.ts';

/** Which rows make up a mini-batch. */
export interface MiniBatch {
  /** Rows of the batch, in the order in which they are learned from; −1 is padding. */
  readonly rows: Int32Array;
  /** With memory: the row where each sequence begins, whose state is its start; −1 is padding. */
  readonly starts: Int32Array;
}

/** The integers 0 … n − 1 in random order (Fisher and Yates). */
export function shuffled(n: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const kept = order[i] as number;
    order[i] = order[j] as number;
    order[j] = kept;
  }
  return order;
}

/** All rows in random order, `miniBatchSize` at a time; the last mini-batch is padded. */
export function rowMiniBatches(size: number, miniBatchSize: number, random: Random): MiniBatch[] {
  const order = shuffled(size, random);
  const batches: MiniBatch[] = [];
  for (let first = 0; first < size; first += miniBatchSize) {
    const rows = new Int32Array(miniBatchSize).fill(-1);
    rows.set(order.subarray(first, first + miniBatchSize));
    batches.push({ rows, starts: new Int32Array(0) });
  }
  return batches;
}

/**
 * Trajectories cut into sequences of at most `steps` steps, `count` of them at a time in random order.
 *
 * Rows come time-major, all sequences' first steps first. A sequence that is shorter, and a place without a sequence,
 * is padded: learning must weigh that row with zero.
 */
export function sequenceMiniBatches(
  lengths: readonly number[],
  steps: number,
  count: number,
  random: Random,
): MiniBatch[] {
  const sequences: { first: number; length: number }[] = [];
  let row = 0;
  for (const length of lengths) {
    for (let first = 0; first < length; first += steps)
      sequences.push({ first: row + first, length: Math.min(steps, length - first) });
    row += length;
  }
  const order = shuffled(sequences.length, random);
  const batches: MiniBatch[] = [];
  for (let begin = 0; begin < sequences.length; begin += count) {
    const rows = new Int32Array(steps * count).fill(-1);
    const starts = new Int32Array(count).fill(-1);
    for (let place = 0; place < count && begin + place < sequences.length; place++) {
      const { first, length } = sequences[order[begin + place] as number] as (typeof sequences)[0];
      starts[place] = first;
      for (let t = 0; t < length; t++) rows[t * count + place] = first + t;
    }
    batches.push({ rows, starts });
  }
  return batches;
}

/** Copies rows of `width` numbers into `to`, zeros where a row is padding. */
export function gatherRows(from: Float32Array, width: number, rows: Int32Array, to: Float32Array): void {
  for (let i = 0; i < rows.length; i++) {
    const source = (rows[i] as number) * width;
    for (let k = 0; k < width; k++) to[i * width + k] = source < 0 ? 0 : (from[source + k] as number);
  }
}
