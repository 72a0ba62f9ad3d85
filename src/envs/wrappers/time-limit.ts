import { UsageError } from '../../common/errors.ts';
import type { Env, ResetOptions, ResetResult, StepResult } from '../env.ts';
import { EpisodeOverError } from '../errors.ts';
import type { ElementOf, Space } from '../spaces.ts';
import { Wrapper } from './wrapper.ts';

/** Truncates an episode after `maxEpisodeSteps` steps. An episode that terminates in its last step is not truncated. */
export class TimeLimit<O extends Space = Space, A extends Space = Space> extends Wrapper<O, A> {
  readonly maxEpisodeSteps: number;
  private elapsed = 0;
  private over = false;

  constructor(env: Env<O, A>, maxEpisodeSteps: number) {
    super(env);
    if (!Number.isInteger(maxEpisodeSteps) || maxEpisodeSteps < 1)
      throw new UsageError(`TimeLimit needs a positive number of steps, but got ${maxEpisodeSteps}.`);
    this.maxEpisodeSteps = maxEpisodeSteps;
  }

  get actionSpace(): A {
    return this.env.actionSpace;
  }

  override reset(options?: ResetOptions): Promise<ResetResult<O>> {
    this.elapsed = 0;
    this.over = false;
    return this.env.reset(options);
  }

  async step(action: ElementOf<A>): Promise<StepResult<O>> {
    // The environment inside knows nothing of the limit and would go on.
    if (this.over) throw new EpisodeOverError('after the episode ended');
    const result = await this.env.step(action);
    this.elapsed++;
    if (this.elapsed < this.maxEpisodeSteps || result.terminated || result.truncated) return result;
    this.over = true;
    return { ...result, truncated: true, info: { ...result.info, timeLimit: true } };
  }
}
