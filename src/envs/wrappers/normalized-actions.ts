import { UsageError } from '../../common/errors.ts';
import type { Env, StepResult } from '../env.ts';
import { InvalidActionError } from '../errors.ts';
import { type Box, box, describeAction, type Space } from '../spaces.ts';
import { Wrapper } from './wrapper.ts';

/**
 * Maps actions in [-1, 1] onto the bounds of the environment's action space, linearly.
 *
 * A number outside [-1, 1] is brought to the nearest bound, since a policy's arithmetic may end a rounding error
 * beyond it. Throws UsageError where the action space is not a Box bounded on both sides.
 */
export class NormalizedActions<O extends Space = Space> extends Wrapper<O, Box> {
  readonly actionSpace: Box;
  private readonly middle: Float64Array;
  private readonly halfRange: Float64Array;

  constructor(env: Env<O, Box>) {
    super(env);
    const { kind, low, high } = env.actionSpace;
    if (kind !== 'box' || ![...low, ...high].every(Number.isFinite))
      throw new UsageError('NormalizedActions needs a Box with finite bounds as its action space.');
    this.actionSpace = box(-1, 1, env.actionSpace.shape);
    this.middle = Float64Array.from(low, (bound, i) => (bound + (high[i] as number)) / 2);
    this.halfRange = Float64Array.from(low, (bound, i) => ((high[i] as number) - bound) / 2);
  }

  /** The environment's own action for a normalized one, `[action]`. */
  toEnvironment(normalized: Float32Array): Float32Array {
    const { length } = this.middle;
    if (!(normalized instanceof Float32Array) || normalized.length !== length || normalized.some(Number.isNaN))
      throw new InvalidActionError(
        `The action must be a Float32Array of length ${length} with numbers in [-1, 1], but is ${describeAction(normalized)}.`,
      );
    return normalized.map(
      (value, i) => (this.middle[i] as number) + (this.halfRange[i] as number) * Math.max(-1, Math.min(1, value)),
    );
  }

  /** The normalized action for an environment's own one, `[action]`; 0 where a bound leaves no choice. */
  fromEnvironment(action: Float32Array): Float32Array {
    return action.map((value, i) => {
      const half = this.halfRange[i] as number;
      return half === 0 ? 0 : (value - (this.middle[i] as number)) / half;
    });
  }

  async step(action: Float32Array): Promise<StepResult<O>> {
    return this.env.step(this.toEnvironment(action));
  }
}
