import { expect, test } from 'vitest';
import { checkEnv } from '../../src/envs/check-env.ts';
import type { ResetOptions, ResetResult, StepResult } from '../../src/envs/env.ts';
import { type Box, box } from '../../src/envs/spaces.ts';
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

class OldDone extends PointEnv {
  override async step(action: Float32Array): Promise<StepResult<Box>> {
    const { terminated, truncated: _, ...rest } = await super.step(action);
    return { ...rest, done: terminated } as unknown as StepResult<Box>;
  }
}

class WordOfSuccess extends PointEnv {
  override async step(action: Float32Array): Promise<StepResult<Box>> {
    const result = await super.step(action);
    return { ...result, info: { success: 'yes' } } as unknown as StepResult<Box>;
  }
}

class DoubleObservation extends PointEnv {
  protected override observe(): Float32Array {
    return Float64Array.of(this.position) as unknown as Float32Array;
  }
}

class OutsideObservation extends PointEnv {
  override readonly observationSpace = box(-0.1, 0.1, [1]);
}

class TextReward extends PointEnv {
  override async step(action: Float32Array): Promise<StepResult<Box>> {
    return { ...(await super.step(action)), reward: '1' as unknown as number };
  }
}

class FixedBound extends PointEnv {
  override readonly actionSpace = box([0.2], [0.2]);
}

class UnboundedAction extends PointEnv {
  override readonly actionSpace = box([-Infinity], [0.25]);
}

class DoubleBounds extends PointEnv {
  override readonly observationSpace = { ...box(-9, 9, [1]), low: Float64Array.of(-9) as unknown as Float32Array };
}

class NaNBounds extends PointEnv {
  override readonly observationSpace = { ...box(-9, 9, [1]), low: Float32Array.of(Number.NaN) };
}

class ForgetfulState extends PointEnv {
  getState = () => ({});
  setState = () => {};
}

class HalfState extends PointEnv {
  getState = () => ({});
}

class CrashesLater extends PointEnv {
  private count = 0;
  override async step(action: Float32Array): Promise<StepResult<Box>> {
    const result = await super.step(action);
    if (++this.count > 3) throw new TypeError('x is not a function');
    return result;
  }
}

class StepsAfterClose extends PointEnv {
  override async close(): Promise<void> {
    this.closed++;
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
  [NaNObservation, /is NaN: it must be finite/],
  [WrongLength, /must have 1 numbers, as the observation space has, not 2/],
  [OldDone, /terminated of step\(\) must be true or false, not undefined; `done` is the old API/],
  [WordOfSuccess, /info\.success of step\(\) must be true, false or absent, not "yes"/],
  [DoubleObservation, /must be a Float32Array, not Float64Array \[0/],
  [OutsideObservation, /outside its space, which is from -0\.1\d* to 0\.1\d* there/],
  [TextReward, /the reward of step\(\) must be a finite number, not "1"/],
  [FixedBound, /number 0 of the action space must have low < high, but has 0\.2\d* and 0\.2/],
  [UnboundedAction, /must have finite bounds, but has -Infinity and 0\.25/],
  [DoubleBounds, /low of the observation space must be a Float32Array, not Float64Array/],
  [NaNBounds, /low of the observation space holds NaN/],
  [ForgetfulState, /after setState\(\)/],
  [HalfState, /have both or neither/],
  [CrashesLater, /step\(\) threw TypeError: x is not a function/],
  [StepsAfterClose, /step\(\) after close\(\) must throw/],
  [Unseeded, /reset\(\) ignores its seed/],
  [ResetsItself, /before the first reset/],
  [InfiniteReward, /must be a finite number, not -Infinity/],
  [ChangesAction, /must not change the action/],
  [LenientAction, /outside the action space/],
  [ResetsAfterClose, /after close/],
])('%o is caught', async (Broken, rule) => {
  await expect(checkEnv(new Broken())).rejects.toThrow(rule);
});

class ManyFaults extends LenientAction {
  override async step(action: Float32Array): Promise<StepResult<Box>> {
    const result = await super.step(action);
    return { ...result, reward: Number.NaN, info: { success: 1 } } as unknown as StepResult<Box>;
  }
}

test('all rules that are broken are told at once, each once', async () => {
  const failure = await checkEnv(new ManyFaults(), { name: 'Mine-v0' }).catch((error: Error) => error);
  expect((failure as Error).message.split('\n')).toEqual([
    'The environment Mine-v0 breaks the contract:',
    '  - the reward of step() must be a finite number, not NaN.',
    '  - info.success of step() must be true, false or absent, not 1.',
    '  - an action outside the action space must throw.',
    '  - an action that holds NaN must throw.',
  ]);
});

class SameStart extends PointEnv {
  override async reset(options?: ResetOptions): Promise<ResetResult<Box>> {
    await super.reset(options);
    this.position = 0.75;
    return { observation: this.observe(), info: {} };
  }
}

test('an environment that starts the same way for all seeds passes with a warning', async () => {
  const warnings: string[] = [];
  await checkEnv(new SameStart(), { onWarning: message => warnings.push(message) });
  expect(warnings).toEqual([expect.stringContaining('two different seeds gave the same first observation')]);
});
