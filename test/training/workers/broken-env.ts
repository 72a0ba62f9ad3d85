import { existsSync, writeFileSync } from 'node:fs';
import { box, type Env, registerEnv, type Space } from '../../../src/envs/index.ts';

let steps = 0;

registerEnv({
  id: 'Broken-v0',
  summary: 'Returns a wrong reward after so many steps, once only if there is a file to note it in',
  make: async options => {
    const { after, value = Number.NaN, once } = options as { after: number; value?: number; once?: string }; // Given by the tests.
    const env = {
      observationSpace: box(-1, 1, [2]),
      actionSpace: box(-1, 1, [2]),
      reset: async () => ({ observation: Float32Array.of(0, 0), info: {} }),
      step: async () => {
        steps++;
        const isWrong = steps > after && (once === undefined || !existsSync(once));
        if (isWrong && once !== undefined) writeFileSync(once, '');
        const reward = isWrong ? value : 0;
        return { observation: Float32Array.of(0, 0), reward, terminated: false, truncated: steps % 5 === 0, info: {} };
      },
      close: async () => {},
    };
    return env as unknown as Env<Space, Space>; // A step function for any space takes what this one does not.
  },
});
