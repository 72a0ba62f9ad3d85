import { UsageError } from '../common/errors.ts';
import type { StateDict, StateValue } from '../common/state-dict.ts';
import type { ReplayBuffer } from './replay-buffer.ts';

export interface NStepOptions {
  readonly observationSize: number;
  readonly actionSize: number;
  /** n: how many rewards are summed; 1 for plain transitions. */
  readonly steps: number;
  /** γ, the discount of one step. */
  readonly gamma: number;
  readonly buffer: Pick<ReplayBuffer, 'add'>;
}

/** One step of an environment, as the learner saw it. */
export interface Step {
  readonly observation: ArrayLike<number>;
  readonly action: ArrayLike<number>;
  readonly reward: number;
  readonly nextObservation: ArrayLike<number>;
  readonly terminated: boolean;
  readonly truncated: boolean;
}

interface Pending {
  readonly observation: Float32Array;
  readonly action: Float32Array;
  reward: number;
  /** Steps summed so far. */
  steps: number;
}

/**
 * Turns steps into n-step transitions: the discounted sum of n rewards, and what was seen n steps later.
 *
 *   R = Σₖ γᵏ rₜ₊ₖ (k < n),  target = R + γⁿ V(sₜ₊ₙ)
 *
 * At an episode's end what is under way is finished with fewer steps: bootstrapped with γᵏ after a truncation, with
 * nothing (discount 0) after a termination.
 *
 * Source: Sutton and Barto, Reinforcement Learning, 2nd edition, section 7.1.
 */
export class NStepAccumulator {
  private readonly options: NStepOptions;
  private pending: Pending[] = [];

  constructor(options: NStepOptions) {
    if (!Number.isInteger(options.steps) || options.steps < 1)
      throw new UsageError(`n-step returns need a positive integer as n, but got ${options.steps}.`);
    if (!(options.gamma >= 0 && options.gamma <= 1))
      throw new UsageError(`n-step returns need a discount γ between 0 and 1, but got ${options.gamma}.`);
    this.options = options;
  }

  /** Takes a step in, and hands every transition that it completes to the buffer. */
  add(step: Step): void {
    const { steps, gamma } = this.options;
    this.pending.push({
      observation: Float32Array.from(step.observation),
      action: Float32Array.from(step.action),
      reward: 0,
      steps: 0,
    });
    for (const transition of this.pending) transition.reward += gamma ** transition.steps++ * step.reward;
    const over = step.terminated || step.truncated;
    while (this.pending.length > 0 && (over || (this.pending[0] as Pending).steps === steps))
      this.finish(this.pending.shift() as Pending, step);
  }

  /** Forgets the episode under way, as when the environment was reset in its middle. */
  clear(): void {
    this.pending = [];
  }

  private finish({ observation, action, reward, steps }: Pending, last: Step): void {
    const discount = last.terminated ? 0 : this.options.gamma ** steps;
    this.options.buffer.add({ observation, action, reward, nextObservation: last.nextObservation, discount });
  }

  getState(): StateDict {
    return {
      pending: this.pending.map(({ observation, action, reward, steps }) => ({ observation, action, reward, steps })),
    };
  }

  /** Throws UsageError where the state is no accumulator's of these sizes; nothing is then changed. */
  setState(state: StateDict): void {
    const { observationSize, actionSize, steps } = this.options;
    const read = (entry: StateValue): Pending => {
      const fields = (entry ?? {}) as Record<string, unknown>; // Checked field by field.
      const { observation, action, reward, steps: taken } = fields;
      if (
        observation instanceof Float32Array &&
        observation.length === observationSize &&
        action instanceof Float32Array &&
        action.length === actionSize &&
        typeof reward === 'number' &&
        typeof taken === 'number' &&
        taken < steps
      )
        return { observation: observation.slice(), action: action.slice(), reward, steps: taken };
      throw new UsageError(
        `Restoring ${steps}-step returns: the state is not of ${observationSize} observed numbers and ${actionSize} actions. ` +
          'It was saved with another environment or another n, or is damaged.',
      );
    };
    if (!Array.isArray(state.pending)) throw new UsageError('Restoring n-step returns: the state has no list of them.');
    this.pending = state.pending.map(read);
  }
}
