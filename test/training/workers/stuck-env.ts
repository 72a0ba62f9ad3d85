import { appendFileSync } from 'node:fs';
import { makeEnv, registerEnv } from '../../../src/envs/index.ts';

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
    const env = await makeEnv('Pendulum-v1');
    const step = env.step.bind(env);
    env.step = async action => {
      if (isWorker && when === 'stepped' && ++steps > 20) hang(file);
      return step(action);
    };
    return env;
  },
});
