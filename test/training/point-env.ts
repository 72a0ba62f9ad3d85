import { Random } from '../../src/common/random.ts';
import { type Box, box, contains, type Env, type ResetOptions, registerEnv, type Space } from '../../src/envs/index.ts';

/** What tests do from outside to the environments of a training, not to one that is only checked. */
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
  private phase: 'new' | 'running' | 'over' | 'closed' = 'new';
  /** Only `checkEnv` steps an environment before its first reset. */
  private isOnlyChecked = false;

  async reset({ seed }: ResetOptions = {}) {
    if (this.phase === 'closed') throw new Error('closed');
    if (seed !== undefined) this.random = new Random(seed);
    this.x = this.random.uniform(-1, 1);
    this.y = this.random.uniform(-1, 1);
    this.steps = 0;
    this.phase = 'running';
    return { observation: Float32Array.of(this.x, this.y), info: {} };
  }

  async step(action: Float32Array) {
    if (this.phase === 'new') this.isOnlyChecked = true;
    if (this.phase !== 'running') throw new Error('no episode');
    if (!contains(this.actionSpace, action)) throw new Error('not an action');
    if (!this.isOnlyChecked) hooks.onStep?.();
    const [dx = 0, dy = 0] = action;
    this.x = Math.max(-2, Math.min(2, this.x + 0.2 * dx));
    this.y = Math.max(-2, Math.min(2, this.y + 0.2 * dy));
    this.steps++;
    const distance = Math.hypot(this.x, this.y);
    const success = distance < 0.2;
    const reward = success ? 5 : -distance;
    const truncated = !success && this.steps >= 20;
    if (success || truncated) this.phase = 'over';
    return {
      observation: Float32Array.of(this.x, this.y),
      reward: this.isOnlyChecked || hooks.reward === null ? reward : hooks.reward(reward),
      terminated: success,
      truncated,
      info: { success },
    };
  }

  async close() {
    this.phase = 'closed';
  }
}

registerEnv({
  id: 'Point-v0',
  summary: 'Bring a point to the middle',
  make: async () => new PointEnv() as unknown as Env<Space, Space>, // A step function for any space takes what this one does not.
});
