import { type Box, box, contains, type Env, registerEnv, type Space } from '../../../src/envs/index.ts';

/** Keeps the contract for so many steps of one episode after the other; then its reward is no number. */
class BrokenEnv implements Env<Box, Box> {
  readonly observationSpace = box(-1, 1, [2]);
  readonly actionSpace = box(-1, 1, [2]);
  private readonly after: number;
  private steps = 0;
  private phase: 'new' | 'running' | 'over' | 'closed' = 'new';
  /** Only `checkEnv` steps an environment before its first reset. */
  private isOnlyChecked = false;

  constructor(after: number) {
    this.after = after;
  }

  async reset() {
    if (this.phase === 'closed') throw new Error('closed');
    this.phase = 'running';
    return { observation: Float32Array.of(0, 0), info: {} };
  }

  async step(action: Float32Array) {
    if (this.phase === 'new') this.isOnlyChecked = true;
    if (this.phase !== 'running') throw new Error('no episode');
    if (!contains(this.actionSpace, action)) throw new Error('not an action');
    this.steps++;
    const reward = !this.isOnlyChecked && this.steps > this.after ? Number.NaN : 0;
    const truncated = !this.isOnlyChecked && this.steps % 5 === 0;
    if (truncated) this.phase = 'over';
    return { observation: Float32Array.of(0, 0), reward, terminated: false, truncated, info: {} };
  }

  async close() {
    this.phase = 'closed';
  }
}

registerEnv({
  id: 'Broken-v0',
  summary: 'Returns a reward that is no number, after so many steps',
  make: async options => {
    const { after } = options as { after: number }; // Given by the tests.
    return new BrokenEnv(after) as unknown as Env<Space, Space>; // A step function for any space takes what this one does not.
  },
});
