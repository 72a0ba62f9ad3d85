import type { ResetOptions, ResetResult, StepResult } from '../env.ts';
import type { ElementOf, Space } from '../spaces.ts';
import { Wrapper } from './wrapper.ts';

/** What an episode came to; in `info.episode` of its last step. */
export interface EpisodeSummary {
  /** Sum of its rewards, undiscounted. */
  readonly return: number;
  /** Steps. */
  readonly length: number;
  /** Whether any of its steps reported success. */
  readonly success: boolean;
}

/** Adds `info.episode`, an {@link EpisodeSummary}, to the last step of each episode. */
export class EpisodeStatistics<O extends Space = Space, A extends Space = Space> extends Wrapper<O, A> {
  private total = 0;
  private length = 0;
  private success = false;

  get actionSpace(): A {
    return this.env.actionSpace;
  }

  override reset(options?: ResetOptions): Promise<ResetResult<O>> {
    this.total = 0;
    this.length = 0;
    this.success = false;
    return this.env.reset(options);
  }

  async step(action: ElementOf<A>): Promise<StepResult<O>> {
    const result = await this.env.step(action);
    this.total += result.reward;
    this.length++;
    this.success ||= result.info.success === true;
    if (!result.terminated && !result.truncated) return result;
    const episode: EpisodeSummary = { return: this.total, length: this.length, success: this.success };
    return { ...result, info: { ...result.info, episode } };
  }
}
