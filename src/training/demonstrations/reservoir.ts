import type { Transition, TransitionBatch } from '../../agents/index.ts';
import type { Random } from '../../common/random.ts';

export interface ReservoirOptions {
  readonly observationSize: number;
  readonly actionSize: number;
  /** Transitions it keeps; of more, a sample. */
  readonly capacity: number;
  /** Decides which are kept. */
  readonly random: Random;
}

/** Rows that are allocated together: a reservoir that is never full takes little more than what it holds. */
const BLOCK = 4096;

/** Bytes that one transition takes. */
export function transitionBytes({
  observationSize,
  actionSize,
}: Pick<ReservoirOptions, 'observationSize' | 'actionSize'>) {
  return 4 * rowWidth(observationSize, actionSize);
}

const rowWidth = (observationSize: number, actionSize: number) => 2 * observationSize + actionSize + 2;

/**
 * A uniform sample, of fixed size, of all transitions ever added: each of them is as likely to be in it as any other, and
 * while fewer were added than it can keep, all of them are.
 *
 * Source: Vitter 1985, Random sampling with a reservoir, algorithm R, https://doi.org/10.1145/3147.3165
 */
export class TransitionReservoir {
  /** Transitions added, kept or not. */
  seen = 0;
  private readonly options: ReservoirOptions;
  private readonly width: number;
  private readonly blockRows: number;
  /** Rows `[observation, action, reward, discount, next observation]`, `blockRows` in each block. */
  private readonly blocks: Float32Array[] = [];

  constructor(options: ReservoirOptions) {
    this.options = options;
    this.width = rowWidth(options.observationSize, options.actionSize);
    this.blockRows = Math.min(BLOCK, options.capacity);
  }

  /** Transitions it holds. */
  get size(): number {
    return Math.min(this.seen, this.options.capacity);
  }

  get bytes(): number {
    return this.blocks.reduce((sum, block) => sum + block.byteLength, 0);
  }

  add({ observation, action, reward, nextObservation, discount }: Transition): void {
    const { capacity, random, observationSize, actionSize } = this.options;
    this.seen++;
    const row = this.seen <= capacity ? this.seen - 1 : random.integer(this.seen);
    if (row >= capacity) return;
    const number = Math.floor(row / this.blockRows);
    if (number === this.blocks.length) this.blocks.push(new Float32Array(this.blockRows * this.width));
    const block = this.blocks[number] as Float32Array;
    const at = (row % this.blockRows) * this.width;
    block.set(observation, at);
    block.set(action, at + observationSize);
    block[at + observationSize + actionSize] = reward;
    block[at + observationSize + actionSize + 1] = discount;
    block.set(nextObservation, at + observationSize + actionSize + 2);
  }

  /** Copies the transition at `index`, 0 … size − 1, into a row of a batch. */
  copyTo(index: number, batch: TransitionBatch, row: number): void {
    const { observationSize, actionSize } = this.options;
    const block = this.blocks[Math.floor(index / this.blockRows)] as Float32Array;
    let at = (index % this.blockRows) * this.width;
    for (let i = 0; i < observationSize; i++) batch.observations[row * observationSize + i] = block[at++] as number;
    for (let i = 0; i < actionSize; i++) batch.actions[row * actionSize + i] = block[at++] as number;
    batch.rewards[row] = block[at++] as number;
    batch.discounts[row] = block[at++] as number;
    for (let i = 0; i < observationSize; i++) batch.nextObservations[row * observationSize + i] = block[at++] as number;
  }
}
