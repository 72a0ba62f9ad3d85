import { existsSync, writeFileSync } from 'node:fs';
import { type Box, box, contains, type Env, registerEnv, type Space } from '../../../src/envs/index.ts';

/** Keeps the contract for so many steps; then its reward is wrong. */
class BrokenEnv implements Env<Box, Box> {
  readonly observationSpace = box(-1, 1, [2]);
  readonly actionSpace = box(-1, 1, [2]);
  private readonly after: number;
  private readonly value: number;
  private readonly once: string | undefined;
  private steps = 0;
  private phase: 'new' | 'running' | 'over' | 'closed' = 'new';
  /** Only `checkEnv` steps an environment before its first reset. */
  private isOnlyChecked = false;

  constructor(after: number, value: number, once: string | undefined) {
    this.after = after;
    this.value = value;
    this.once = once;
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
    const isWrong =
      !this.isOnlyChecked && this.steps > this.after && (this.once === undefined || !existsSync(this.once));
    if (isWrong && this.once !== undefined) writeFileSync(this.once, '');
    const reward = isWrong ? this.value : 0;
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
  summary: 'Returns a wrong reward after so many steps, once only if there is a file to note it in',
  make: async options => {
    // Given by the tests.
    const { after, value = Number.NaN, once } = options as { after: number; value?: number; once?: string };
    return new BrokenEnv(after, value, once) as unknown as Env<Space, Space>; // A step function for any space takes what this one does not.
  },
});
