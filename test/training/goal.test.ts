import { expect, test } from 'vitest';
import { box, contains, type Env, registerEnv, type Space } from '../../src/envs/index.ts';
import { train } from '../../src/training/index.ts';
import { SMALL, temporaryFolder } from './run-files.ts';

registerEnv({
  id: 'Easy-v0',
  summary: 'Every episode is a success of five steps',
  make: async () => {
    const actionSpace = box(-1, 1, [1]);
    let steps: number | null = null;
    let closed = false;
    const env = {
      observationSpace: box(-1, 1, [1]),
      actionSpace,
      reset: async () => {
        if (closed) throw new Error('closed');
        steps = 0;
        return { observation: Float32Array.of(0), info: {} };
      },
      step: async (action: Float32Array) => {
        if (steps === null || steps >= 5 || closed) throw new Error('no episode');
        if (!contains(actionSpace, action)) throw new Error('not an action');
        const terminated = ++steps >= 5;
        return {
          observation: Float32Array.of(0),
          reward: 1,
          terminated,
          truncated: false,
          info: { success: terminated },
        };
      },
      close: async () => {
        closed = true;
      },
    };
    return env as unknown as Env<Space, Space>; // A step function for any space takes what this one does not.
  },
});

test.each([0, 4])(
  'a training until a success rate of 1 ends once it is reached, confirmed by %i episodes',
  async confirmEpisodes => {
    const options = { ...SMALL, env: 'Easy-v0', untilSuccess: 1, confirmEpisodes };
    const summary = await train({ options, runsDirectory: temporaryFolder() });
    expect(summary).toMatchObject({ goalReached: true, envSteps: 200, evaluation: { successRate: 1 } });
  },
);
