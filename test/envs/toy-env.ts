import { Random } from '../../src/common/random.ts';
import type { Env, ResetOptions, ResetResult, StepResult } from '../../src/envs/env.ts';
import { type Box, box, contains } from '../../src/envs/spaces.ts';

/** A point on a line that is to come within 0.1 of 0: the smallest environment there is to prove wrappers on. */
export class PointEnv implements Env<Box, Box> {
  readonly observationSpace = box(-Infinity, Infinity, [1]);
  readonly actionSpace = box([-0.5], [0.25]);
  protected random = new Random(0);
  protected position = 0;
  protected running = false;
  closed = 0;

  async reset({ seed }: ResetOptions = {}): Promise<ResetResult<Box>> {
    if (this.closed > 0) throw new Error('closed');
    if (seed !== undefined) this.random = new Random(seed);
    this.position = this.random.uniform(0.5, 1);
    this.running = true;
    return { observation: this.observe(), info: {} };
  }

  async step(action: Float32Array): Promise<StepResult<Box>> {
    if (!this.running) throw new Error('no episode');
    if (!contains(this.actionSpace, action)) throw new Error('not an action');
    this.position += action[0] as number;
    const success = Math.abs(this.position) < 0.1;
    this.running = !success;
    return {
      observation: this.observe(),
      reward: -Math.abs(this.position),
      terminated: success,
      truncated: false,
      info: { success },
    };
  }

  async close(): Promise<void> {
    this.closed++;
    this.running = false;
  }

  protected observe(): Float32Array {
    return Float32Array.of(this.position);
  }
}
