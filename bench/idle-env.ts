import { Random } from '../src/common/random.ts';
import { box, type Env, registerEnv, type Space } from '../src/envs/index.ts';

/**
 * An environment without physics, of the grasp task's size: what is left is what workers and the bus cost.
 *
 * `stepMilliseconds` is how long each step takes without using the processor, as a simulator elsewhere would; 0: no
 * time at all.
 */
registerEnv({
  id: 'Idle-v0',
  summary: 'Does nothing, for benchmarks',
  make: async options => {
    const { stepMilliseconds = 0 } = options as { stepMilliseconds?: number }; // Given by the benchmark.
    const random = new Random(1);
    let steps = 0;
    const observe = () => Float32Array.from({ length: 17 }, () => random.uniform(-1, 1));
    const env = {
      observationSpace: box(-1, 1, [17]),
      actionSpace: box(-1, 1, [7]),
      reset: async () => ({ observation: observe(), info: {} }),
      step: async () => {
        if (stepMilliseconds > 0) await new Promise(done => setTimeout(done, stepMilliseconds));
        steps++;
        return { observation: observe(), reward: 0, terminated: false, truncated: steps % 30 === 0, info: {} };
      },
      close: async () => {},
    };
    return env as unknown as Env<Space, Space>; // A step function for any space takes what this one does not.
  },
});
