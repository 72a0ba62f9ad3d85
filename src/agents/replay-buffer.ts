import { UsageError } from '../common/errors.ts';
import type { Random } from '../common/random.ts';
import type { StateDict } from '../common/state-dict.ts';
import type { TransitionBatch } from './policy.ts';

export interface ReplayBufferOptions {
  readonly observationSize: number;
  readonly actionSize: number;
  /** Transitions it holds before the oldest are overwritten. */
  readonly capacity: number;
}

/** One transition, or n of them summed up: what was seen, done and earned, and what was seen afterwards. */
export interface Transition {
  readonly observation: ArrayLike<number>;
  readonly action: ArrayLike<number>;
  readonly reward: number;
  readonly nextObservation: ArrayLike<number>;
  /** γ^n where `nextObservation` has a value; 0 where the episode terminated there. */
  readonly discount: number;
}

/**
 * Transitions in flat arrays, the oldest overwritten first, sampled uniformly with replacement.
 *
 * Termination is kept as a discount of 0: a truncated episode's last state still has a value, a terminated one's has
 * none, and a learner needs to know no more than that.
 */
export class ReplayBuffer {
  readonly capacity: number;
  /** Bytes of all the arrays, allocated from the start. */
  readonly bytes: number;
  private readonly observationSize: number;
  private readonly actionSize: number;
  private readonly observations: Float32Array;
  private readonly actions: Float32Array;
  private readonly rewards: Float32Array;
  private readonly nextObservations: Float32Array;
  private readonly discounts: Float32Array;
  private count = 0;
  private next = 0;

  constructor({ observationSize, actionSize, capacity }: ReplayBufferOptions) {
    for (const [name, value] of Object.entries({ observationSize, actionSize, capacity }))
      if (!Number.isInteger(value) || value < 1)
        throw new UsageError(`A replay buffer needs a positive integer as its ${name}, but got ${value}.`);
    this.capacity = capacity;
    this.observationSize = observationSize;
    this.actionSize = actionSize;
    this.observations = new Float32Array(capacity * observationSize);
    this.actions = new Float32Array(capacity * actionSize);
    this.rewards = new Float32Array(capacity);
    this.nextObservations = new Float32Array(capacity * observationSize);
    this.discounts = new Float32Array(capacity);
    this.bytes = Object.values(this.arrays()).reduce((sum, array) => sum + array.byteLength, 0);
  }

  /** Transitions held now. */
  get size(): number {
    return this.count;
  }

  add(transition: Transition): void {
    const i = this.next;
    this.observations.set(transition.observation, i * this.observationSize);
    this.actions.set(transition.action, i * this.actionSize);
    this.rewards[i] = transition.reward;
    this.nextObservations.set(transition.nextObservation, i * this.observationSize);
    this.discounts[i] = transition.discount;
    this.next = (i + 1) % this.capacity;
    this.count = Math.min(this.count + 1, this.capacity);
  }

  /** Adds all of a batch's transitions in order, as `add` would one by one. */
  addBatch(batch: TransitionBatch): void {
    // What would be overwritten within the batch itself is not written at all.
    const first = Math.max(0, batch.size - this.capacity);
    const rows = this.rowSizes();
    const arrays = this.arrays();
    for (let row = first; row < batch.size; ) {
      const i = (this.next + row) % this.capacity;
      const run = Math.min(batch.size - row, this.capacity - i);
      for (const name of arrayNames)
        arrays[name].set(batch[name].subarray(row * rows[name], (row + run) * rows[name]), i * rows[name]);
      row += run;
    }
    this.next = (this.next + batch.size) % this.capacity;
    this.count = Math.min(this.count + batch.size, this.capacity);
  }

  /**
   * Fills rows `first` … `last` − 1 of a batch (all by default) with transitions drawn uniformly.
   *
   * Throws UsageError while the buffer is empty.
   */
  sampleInto(batch: TransitionBatch, random: Random, first = 0, last: number = batch.size): void {
    if (this.count === 0) throw new UsageError('Sampling from a replay buffer that is empty. Add transitions first.');
    for (let row = first; row < last; row++) {
      const i = random.integer(this.count);
      copyRow(this.observations, i, batch.observations, row, this.observationSize);
      copyRow(this.actions, i, batch.actions, row, this.actionSize);
      batch.rewards[row] = this.rewards[i] as number;
      copyRow(this.nextObservations, i, batch.nextObservations, row, this.observationSize);
      batch.discounts[row] = this.discounts[i] as number;
    }
  }

  /**
   * The transitions held, as views of the buffer's own memory: write them out before the next `add`.
   */
  getState(): StateDict {
    const rows = this.rowSizes();
    const arrays = this.arrays();
    return {
      capacity: this.capacity,
      size: this.count,
      next: this.next,
      ...Object.fromEntries(arrayNames.map(name => [name, arrays[name].subarray(0, this.count * rows[name])])),
    };
  }

  /** Throws UsageError where the state is another buffer's, of other sizes; nothing is then changed. */
  setState(state: StateDict): void {
    const { capacity, size, next } = state;
    if (capacity !== this.capacity || !isCount(size, this.capacity) || !isCount(next, this.capacity - 1))
      throw new UsageError(
        `Restoring a replay buffer for ${this.capacity} transitions: the state holds ${size} of ${capacity}. ` +
          'Use the capacity it was saved with.',
      );
    const rows = this.rowSizes();
    const arrays = this.arrays();
    const saved = arrayNames.map(name => {
      const values = state[name];
      if (!(values instanceof Float32Array) || values.length !== size * rows[name])
        throw new UsageError(
          `Restoring a replay buffer: its ${name} should be ${size} × ${rows[name]} numbers. ` +
            'The state was saved with another environment, or is damaged.',
        );
      return values;
    });
    arrayNames.forEach((name, i) => {
      arrays[name].set(saved[i] as Float32Array);
    });
    this.count = size;
    this.next = next;
  }

  private arrays(): Record<ArrayName, Float32Array> {
    const { observations, actions, rewards, nextObservations, discounts } = this;
    return { observations, actions, rewards, nextObservations, discounts };
  }

  private rowSizes(): Record<ArrayName, number> {
    const { observationSize, actionSize } = this;
    return {
      observations: observationSize,
      actions: actionSize,
      rewards: 1,
      nextObservations: observationSize,
      discounts: 1,
    };
  }
}

const arrayNames = ['observations', 'actions', 'rewards', 'nextObservations', 'discounts'] as const;
type ArrayName = (typeof arrayNames)[number];

const isCount = (value: unknown, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;

/** A plain loop: for rows this short it beats `set(subarray())`, which makes a view each time. */
function copyRow(from: Float32Array, fromRow: number, to: Float32Array, toRow: number, size: number): void {
  const source = fromRow * size;
  const target = toRow * size;
  for (let i = 0; i < size; i++) to[target + i] = from[source + i] as number;
}
