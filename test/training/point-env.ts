import { Random } from '../../src/common/random.ts';
import { type Box, box, type Env, type ResetOptions, registerEnv, type Space } from '../../src/envs/index.ts';

/** What tests do to the environment from outside. */
export const hooks: { onStep: (() => void) | null; reward: ((reward: number) => number) | null } = {
  onStep: null,
  reward: null,
};

/** A point in a square that should come near the middle: an environment of microseconds a step, for tests of training. */
class PointEnv implements Env<Box, Box> {
  readonly observationSpace = box(-2, 2, [2]);
  readonly actionSpace = box(-1, 1, [2]);
  private random = new Random(0);
  private x = 0;
  private y = 0;
  private steps = 0;

  async reset({ seed }: ResetOptions = {}) {
    if (seed !== undefined) this.random = new Random(seed);
    this.x = this.random.uniform(-1, 1);
    this.y = this.random.uniform(-1, 1);
    this.steps = 0;
    return { observation: Float32Array.of(this.x, this.y), info: {} };
  }

  async step(action: Float32Array) {
    hooks.onStep?.();
    const [dx = 0, dy = 0] = action;
    this.x = Math.max(-2, Math.min(2, this.x + 0.2 * dx));
    this.y = Math.max(-2, Math.min(2, this.y + 0.2 * dy));
    this.steps++;
    const distance = Math.hypot(this.x, this.y);
    const success = distance < 0.2;
    return {
      observation: Float32Array.of(this.x, this.y),
      reward: (hooks.reward ?? (value => value))(success ? 5 : -distance),
      terminated: success,
      truncated: !success && this.steps >= 20,
      info: { success },
    };
  }

  async close() {}
}

registerEnv({
  id: 'Point-v0',
  summary: 'Bring a point to the middle',
  make: async () => new PointEnv() as unknown as Env<Space, Space>, // A step function for any space takes what this one does not.
});
