import { appendFileSync } from 'node:fs';
import { box, type Env, registerEnv, type Space } from '../../../src/envs/index.ts';

let steps = 0;

/** Never returns, as a native call that hangs: no timer and no signal handler of this process runs any more. */
function hang(file: string): void {
  appendFileSync(file, `${process.pid}\n`);
  for (;;);
}

registerEnv({
  id: 'Stuck-v0',
  summary: 'Hangs when it is made, or after so many steps, and writes its process id down before',
  make: async options => {
    const { file, when } = options as { file: string; when: 'made' | 'stepped' }; // Given by the tests.
    // The learner makes one, too.
    const isWorker = process.argv[1]?.includes('worker-main') === true;
    if (isWorker && when === 'made') hang(file);
    const env = {
      observationSpace: box(-1, 1, [2]),
      actionSpace: box(-1, 1, [2]),
      reset: async () => ({ observation: Float32Array.of(0, 0), info: {} }),
      step: async () => {
        if (isWorker && when === 'stepped' && ++steps > 20) hang(file);
        return { observation: Float32Array.of(0, 0), reward: 0, terminated: false, truncated: false, info: {} };
      },
      close: async () => {},
    };
    return env as unknown as Env<Space, Space>; // A step function for any space takes what this one does not.
  },
});
