import { box, type Env, registerEnv, type Space } from '../../../src/envs/index.ts';

let steps = 0;

registerEnv({
  id: 'Broken-v0',
  summary: 'Returns a reward that is no number, after so many steps',
  make: async options => {
    const { after } = options as { after: number }; // Given by the tests.
    const env = {
      observationSpace: box(-1, 1, [2]),
      actionSpace: box(-1, 1, [2]),
      reset: async () => ({ observation: Float32Array.of(0, 0), info: {} }),
      step: async () => {
        steps++;
        const reward = steps > after ? Number.NaN : 0;
        return { observation: Float32Array.of(0, 0), reward, terminated: false, truncated: steps % 5 === 0, info: {} };
      },
      close: async () => {},
    };
    return env as unknown as Env<Space, Space>; // A step function for any space takes what this one does not.
  },
});
