import { UsageError } from '../common/errors.ts';
import type { Random } from '../common/random.ts';
import { gatherRows, shuffled } from './mini-batches.ts';
import type { ActionSpec } from './policy.ts';
import type { ReturnsOptions, RolloutMiniBatch, RolloutStep, RolloutStorageOptions } from './rollout-step.ts';

export type { ReturnsOptions, RolloutMiniBatch, RolloutStep, RolloutStorageOptions };

/**
 * A rollout of `steps × environments`, step by step, as policy gradients are usually taught with it.
 *
 * ```ts
 * storage.start(observations);
 * for (let t = 0; t < steps; t++) storage.insert({ observations, actions, … });
 * storage.computeReturns(nextValue, { gamma: 0.99, lambda: 0.95 });
 * for (const miniBatch of storage.feedForwardMiniBatches(4, random)) …
 * storage.afterUpdate();
 * ```
 *
 * Source: the RolloutStorage of ikostrikov's pytorch-a2c-ppo-acktr, whose names and results these are.
 */
export class RolloutStorage {
  readonly steps: number;
  readonly environments: number;
  readonly observationSize: number;
  readonly actionSize: number;
  private readonly actionSpec: ActionSpec;
  private readonly stateSizes: readonly number[];
  /** `[steps + 1, environments, …]`: the last is what the rollout ended at. */
  readonly observations: Float32Array;
  readonly states: readonly Float32Array[];
  readonly valuePredictions: Float32Array;
  readonly returns: Float32Array;
  readonly masks: Float32Array;
  readonly badMasks: Float32Array;
  /** `[steps, environments, …]` */
  readonly actions: Float32Array;
  readonly actionLogProbabilities: Float32Array;
  readonly rewards: Float32Array;
  private readonly finalValues: Float32Array;
  private step = 0;

  constructor({ steps, environments, observationSize, actions, stateSizes = [] }: RolloutStorageOptions) {
    for (const [name, value] of Object.entries({ steps, environments, observationSize }))
      if (!Number.isInteger(value) || value < 1)
        throw new UsageError(`A rollout storage needs a positive integer as its ${name}, but got ${value}.`);
    this.steps = steps;
    this.environments = environments;
    this.observationSize = observationSize;
    this.actionSpec = actions;
    this.actionSize = actions.kind === 'box' ? actions.size : 1;
    this.stateSizes = stateSizes;
    const [rows, all] = [steps * environments, (steps + 1) * environments];
    this.observations = new Float32Array(all * observationSize);
    this.states = stateSizes.map(size => new Float32Array(all * size));
    this.valuePredictions = new Float32Array(all);
    this.returns = new Float32Array(all);
    this.masks = new Float32Array(all).fill(1);
    this.badMasks = new Float32Array(all).fill(1);
    this.actions = new Float32Array(rows * this.actionSize);
    this.actionLogProbabilities = new Float32Array(rows);
    this.rewards = new Float32Array(rows);
    this.finalValues = new Float32Array(rows).fill(Number.NaN);
  }

  /** What the first step sees. */
  start(observations: Float32Array): void {
    this.put(this.observations, 0, observations, this.observationSize, 'observations');
  }

  /** Adds a step; after the last one it begins again with the first. Throws UsageError for arrays of other sizes. */
  insert(given: RolloutStep): void {
    const { step } = this;
    this.put(this.observations, step + 1, given.observations, this.observationSize, 'observations');
    for (const [i, size] of this.stateSizes.entries())
      this.put(this.states[i] as Float32Array, step + 1, given.states?.[i], size, `states[${i}]`);
    this.put(this.actions, step, given.actions, this.actionSize, 'actions');
    this.put(this.actionLogProbabilities, step, given.actionLogProbabilities, 1, 'actionLogProbabilities');
    this.put(this.valuePredictions, step, given.valuePredictions, 1, 'valuePredictions');
    this.put(this.rewards, step, given.rewards, 1, 'rewards');
    this.put(this.masks, step + 1, given.masks, 1, 'masks');
    const ones = new Float32Array(this.environments).fill(1);
    this.put(this.badMasks, step + 1, given.badMasks ?? ones, 1, 'badMasks');
    this.put(this.finalValues, step, given.finalValues ?? ones.fill(Number.NaN), 1, 'finalValues');
    this.step = (step + 1) % this.steps;
  }

  /** What the rollout ended at is what the next one begins with. */
  afterUpdate(): void {
    const begin = (array: Float32Array, width: number) => {
      array.copyWithin(0, this.steps * this.environments * width);
    };
    begin(this.observations, this.observationSize);
    for (const [i, size] of this.stateSizes.entries()) begin(this.states[i] as Float32Array, size);
    begin(this.masks, 1);
    begin(this.badMasks, 1);
    this.step = 0;
  }

  /**
   * Fills `returns`: generalized advantages plus the predictions, or discounted sums of rewards.
   *
   * @param nextValue V(s) of what the rollout ended at, `[environments]`
   */
  computeReturns(nextValue: Float32Array, { gamma, lambda, properTimeLimits = true }: ReturnsOptions): void {
    const { steps, environments } = this;
    this.put(this.valuePredictions, steps, nextValue, 1, 'nextValue');
    this.put(this.returns, steps, nextValue, 1, 'nextValue');
    for (let n = 0; n < environments; n++) {
      let advantage = 0;
      for (let t = steps - 1; t >= 0; t--) {
        const [i, next] = [t * environments + n, (t + 1) * environments + n];
        const [reward, value, mask] = [this.rewards[i], this.valuePredictions[i], this.masks[next]] as Triple;
        const cut = properTimeLimits && this.badMasks[next] === 0;
        const final = this.finalValues[i] as number;
        if (cut && Number.isNaN(final)) {
          advantage = 0;
          this.returns[i] = value;
        } else if (lambda === undefined) {
          const after = cut ? final : (this.returns[next] as number) * mask;
          this.returns[i] = reward + gamma * after;
        } else {
          const after = cut ? final : (this.valuePredictions[next] as number) * mask;
          advantage = reward + gamma * after - value + gamma * lambda * mask * advantage;
          this.returns[i] = advantage + value;
        }
      }
    }
  }

  /** Returns less predictions, `[steps, environments]`; in standard deviations from their mean if asked for. */
  advantages(normalized = true): Float32Array {
    const rows = this.steps * this.environments;
    const advantages = Float32Array.from(
      { length: rows },
      (_, i) => (this.returns[i] as number) - (this.valuePredictions[i] as number),
    );
    if (!normalized) return advantages;
    const mean = advantages.reduce((sum, x) => sum + x, 0) / rows;
    const variance = advantages.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, rows - 1);
    return advantages.map(x => (x - mean) / (Math.sqrt(variance) + 1e-5));
  }

  /** The whole rollout, step by step. */
  getBatch(normalizeAdvantages = true): RolloutMiniBatch {
    const rows = Int32Array.from({ length: this.steps * this.environments }, (_, i) => i);
    return this.gather(rows, rows, this.advantages(normalizeAdvantages));
  }

  /** All rows in random order, in so many parts. Throws UsageError where there are fewer rows than parts. */
  *feedForwardMiniBatches(parts: number, random: Random, normalizeAdvantages = true): Generator<RolloutMiniBatch> {
    const size = this.partSize(this.steps * this.environments, parts, 'rows');
    const order = shuffled(this.steps * this.environments, random);
    const advantages = this.advantages(normalizeAdvantages);
    for (let part = 0; part < parts; part++) {
      const rows = order.subarray(part * size, (part + 1) * size);
      yield this.gather(rows, rows, advantages);
    }
  }

  /** Whole environments in random order, in so many parts. Throws UsageError where there are fewer than parts. */
  *recurrentMiniBatches(parts: number, random: Random, normalizeAdvantages = true): Generator<RolloutMiniBatch> {
    const { steps, environments } = this;
    const size = this.partSize(environments, parts, 'environments');
    const order = shuffled(environments, random);
    const advantages = this.advantages(normalizeAdvantages);
    for (let part = 0; part < parts; part++) {
      const starts = order.subarray(part * size, (part + 1) * size);
      const rows = Int32Array.from(
        { length: steps * size },
        (_, i) => Math.floor(i / size) * environments + (starts[i % size] as number),
      );
      yield this.gather(rows, starts, advantages);
    }
  }

  /** Fills everything with random numbers of the right kind, an episode in ten ending at each step: for trying out. */
  fillRandom(random: Random): void {
    const normal = (array: Float32Array) => random.fillNormal(array);
    for (const array of [this.observations, ...this.states, this.valuePredictions, this.rewards]) normal(array);
    const { actionSpec } = this;
    if (actionSpec.kind === 'box') normal(this.actions);
    else for (let i = 0; i < this.actions.length; i++) this.actions[i] = random.integer(actionSpec.n);
    for (let i = 0; i < this.actionLogProbabilities.length; i++)
      this.actionLogProbabilities[i] = Math.log(1 - random.uniform());
    for (let i = this.environments; i < this.masks.length; i++) {
      this.masks[i] = random.uniform() < 0.1 ? 0 : 1;
      this.badMasks[i] = this.masks[i] === 0 && random.uniform() < 0.5 ? 0 : 1;
    }
  }

  private partSize(whole: number, parts: number, what: string): number {
    const size = Math.floor(whole / parts);
    if (Number.isInteger(parts) && parts > 0 && size > 0) return size;
    throw new UsageError(`A rollout of ${whole} ${what} cannot be divided into ${parts} mini-batches.`);
  }

  private gather(rows: Int32Array, starts: Int32Array, advantages: Float32Array): RolloutMiniBatch {
    const take = (from: Float32Array, width: number, which = rows) => {
      const into = new Float32Array(which.length * width);
      gatherRows(from, width, which, into);
      return into;
    };
    return {
      rows: rows.length,
      observations: take(this.observations, this.observationSize),
      states: this.stateSizes.map((size, i) => take(this.states[i] as Float32Array, size, starts)),
      actions: take(this.actions, this.actionSize),
      actionLogProbabilities: take(this.actionLogProbabilities, 1),
      valuePredictions: take(this.valuePredictions, 1),
      returns: take(this.returns, 1),
      advantages: take(advantages, 1),
      masks: take(this.masks, 1),
    };
  }

  private put(into: Float32Array, step: number, values: Float32Array | undefined, width: number, name: string): void {
    const size = this.environments * width;
    if (values?.length !== size)
      throw new UsageError(
        `Storing a rollout's ${name}: ${this.environments} environments need ${size} numbers, but got ${values?.length ?? 'none'}.`,
      );
    into.set(values, step * size);
  }
}

type Triple = [reward: number, value: number, mask: number];
