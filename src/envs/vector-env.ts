import { closeTogether } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import type { Env, ResetOptions, StepResult } from './env.ts';
import { type ElementOf, flatSize, type Space } from './spaces.ts';

/** What a step of all environments takes: rows of a flat array `[count, action]`, or one action each. */
export type VectorActions<A extends Space> = Float32Array | readonly ElementOf<A>[];

/**
 * Several environments of one kind, stepped together, so that one batched call of a policy serves them all.
 *
 * ```ts
 * await envs.reset(seeds);
 * for (;;) {
 *   const { actions } = await policy.computeActions(envs.observations, envs.count);
 *   const steps = await envs.step(actions);
 *   for (const [i, step] of steps.entries())
 *     if (step.terminated || step.truncated) await envs.resetOne(i, { seed: random.uint32() });
 * }
 * ```
 *
 * Nothing resets by itself: `step` hands out each environment's own result, with its final observation where the
 * episode ended, and whoever steps on without resetting that one gets its EpisodeOverError.
 */
export class VectorEnv<O extends Space = Space, A extends Space = Space> {
  readonly envs: readonly Env<O, A>[];
  readonly observationSpace: O;
  readonly actionSpace: A;
  /** What each environment shows now, rows `[count, observation]`; written in place by `reset`, `resetOne`, `step`. */
  readonly observations: Float32Array;
  private readonly observationSize: number;
  private readonly actionSize: number;

  /** Takes the environments over; `close` closes them. Throws UsageError where there are none, or their spaces differ. */
  constructor(envs: readonly Env<O, A>[]) {
    const [first] = envs;
    if (first === undefined) throw new UsageError('Stepping environments together needs at least one of them.');
    this.envs = envs;
    this.observationSpace = first.observationSpace;
    this.actionSpace = first.actionSpace;
    this.observationSize = flatSize(first.observationSpace);
    this.actionSize = flatSize(first.actionSpace);
    const different = envs.findIndex(
      env => !alike(env.observationSpace, first.observationSpace) || !alike(env.actionSpace, first.actionSpace),
    );
    if (different >= 0)
      throw new UsageError(
        `Stepping ${envs.length} environments together: number ${different} has other spaces than number 0. Use environments of one kind.`,
      );
    this.observations = new Float32Array(envs.length * this.observationSize);
  }

  get count(): number {
    return this.envs.length;
  }

  /** Starts an episode in every environment. Throws UsageError where there are not as many seeds as environments. */
  async reset(seeds?: readonly number[]): Promise<void> {
    if (seeds !== undefined && seeds.length !== this.count)
      throw new UsageError(`Resetting ${this.count} environments needs as many seeds, but got ${seeds.length}.`);
    await together(this.envs.map((_, i) => this.resetOne(i, seeds === undefined ? {} : { seed: seeds[i] as number })));
  }

  /** Starts an episode in one environment; the others go on. */
  async resetOne(index: number, options: ResetOptions = {}): Promise<void> {
    const { observation } = await this.at(index).reset(options);
    this.show(index, observation);
  }

  /** Acts once in every environment; all are done, or have failed, when it settles. */
  async step(actions: VectorActions<A>): Promise<readonly StepResult<O>[]> {
    const given = actions instanceof Float32Array ? actions.length / this.actionSize : actions.length;
    if (given !== this.count)
      throw new UsageError(`Stepping ${this.count} environments needs as many actions, but got ${given}.`);
    const results = await together(this.envs.map((env, i) => env.step(this.action(actions, i))));
    for (const [i, { observation }] of results.entries()) this.show(i, observation);
    return results;
  }

  async close(): Promise<void> {
    await closeTogether(this.envs);
  }

  private at(index: number): Env<O, A> {
    const env = this.envs[index];
    if (env === undefined) throw new UsageError(`There is no environment ${index} among ${this.count}.`);
    return env;
  }

  private action(actions: VectorActions<A>, index: number): ElementOf<A> {
    if (!(actions instanceof Float32Array)) return actions[index] as ElementOf<A>; // Its length was checked.
    const element =
      this.actionSpace.kind === 'box'
        ? actions.slice(index * this.actionSize, (index + 1) * this.actionSize)
        : (actions[index] as number);
    return element as ElementOf<A>; // An array for a box, a number for a discrete space: what ElementOf says.
  }

  private show(index: number, observation: ElementOf<O>): void {
    if (typeof observation === 'number') this.observations[index] = observation;
    else this.observations.set(observation as Float32Array, index * this.observationSize); // Not a number: a box's element.
  }
}

function alike(a: Space, b: Space): boolean {
  if (a.kind === 'discrete') return b.kind === 'discrete' && a.n === b.n;
  return b.kind === 'box' && String(a.low) === String(b.low) && String(a.high) === String(b.high);
}

/** Waits for all, also where one fails, so that nothing goes on unseen; then throws the first failure. */
async function together<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map(result => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
