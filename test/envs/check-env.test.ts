import { expect, test } from 'vitest';
import { checkEnv } from '../../src/envs/check-env.ts';
import type { ResetOptions, ResetResult, StepResult } from '../../src/envs/env.ts';
import type { Box } from '../../src/envs/spaces.ts';
import { TimeLimit } from '../../src/envs/wrappers/time-limit.ts';
import { PointEnv } from './toy-env.ts';

test('an environment that keeps the contract passes', async () => {
  await expect(checkEnv(new TimeLimit(new PointEnv(), 20))).resolves.toBeUndefined();
});

class SharedObservation extends PointEnv {
  private readonly shared = new Float32Array(1);
  protected override observe(): Float32Array {
    this.shared[0] = this.position;
    return this.shared;
  }
}

class NaNObservation extends PointEnv {
  protected override observe(): Float32Array {
    return Float32Array.of(Number.NaN);
  }
}

class WrongLength extends PointEnv {
  protected override observe(): Float32Array {
    return new Float32Array(2);
  }
}

class Unseeded extends PointEnv {
  override reset({ seed: _, ...rest }: ResetOptions = {}): Promise<ResetResult<Box>> {
    return super.reset(rest);
  }
}

class ResetsItself extends PointEnv {
  override async step(action: Float32Array): Promise<StepResult<Box>> {
    if (!this.running) await this.reset();
    return super.step(action);
  }
}

class InfiniteReward extends PointEnv {
  override async step(action: Float32Array): Promise<StepResult<Box>> {
    return { ...(await super.step(action)), reward: Number.NEGATIVE_INFINITY };
  }
}

class ChangesAction extends PointEnv {
  override async step(action: Float32Array): Promise<StepResult<Box>> {
    const result = await super.step(action);
    action[0] = 0;
    return result;
  }
}

class LenientAction extends PointEnv {
  override step(action: Float32Array): Promise<StepResult<Box>> {
    return super.step(action.length === 1 && !Number.isNaN(action[0]) ? action : new Float32Array(1));
  }
}

class ResetsAfterClose extends PointEnv {
  override reset(options?: ResetOptions): Promise<ResetResult<Box>> {
    this.closed = 0;
    return super.reset(options);
  }
}

test.each([
  [SharedObservation, /must not change later/],
  [NaNObservation, /holds NaN/],
  [WrongLength, /not in the observation space/],
  [Unseeded, /same seed/],
  [ResetsItself, /before the first reset/],
  [InfiniteReward, /reward must be finite/],
  [ChangesAction, /must not change the action/],
  [LenientAction, /outside the action space/],
  [ResetsAfterClose, /after close/],
])('%o is caught', async (Broken, rule) => {
  await expect(checkEnv(new Broken())).rejects.toThrow(rule);
});
