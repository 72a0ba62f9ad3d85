import { Random } from '../src/common/random.ts';
import { type Box, box, contains, type Env, type ResetOptions, registerEnv, type Space } from '../src/envs/index.ts';

/** Steps of an episode. */
const LENGTH = 30;

/**
 * An environment without physics, of the grasp task's size: what is left is what workers and the bus cost.
 *
 * `stepMilliseconds` is how long each step takes without using the processor, as a simulator elsewhere would; 0: no
 * time at all.
 */
class IdleEnv implements Env<Box, Box> {
  readonly observationSpace = box(-1, 1, [17]);
  readonly actionSpace = box(-1, 1, [7]);
  private readonly stepMilliseconds: number;
  private random = new Random(1);
  private steps = LENGTH;
  private closed = false;

  constructor(stepMilliseconds: number) {
    this.stepMilliseconds = stepMilliseconds;
  }

  async reset({ seed }: ResetOptions = {}) {
    if (this.closed) throw new Error('The environment is closed.');
    if (seed !== undefined) this.random = new Random(seed);
    this.steps = 0;
    return { observation: this.observe(), info: {} };
  }

  async step(action: Float32Array) {
    if (this.steps >= LENGTH || this.closed) throw new Error('There is no episode to step in.');
    if (!contains(this.actionSpace, action)) throw new Error('The action is not in the action space.');
    if (this.stepMilliseconds > 0) await new Promise(done => setTimeout(done, this.stepMilliseconds));
    this.steps++;
    return {
      observation: this.observe(),
      reward: 0,
      terminated: false,
      truncated: this.steps >= LENGTH,
      info: {},
    };
  }

  async close() {
    this.closed = true;
  }

  private observe(): Float32Array {
    return Float32Array.from({ length: 17 }, () => this.random.uniform(-1, 1));
  }
}

registerEnv({
  id: 'Idle-v0',
  summary: 'Does nothing, for benchmarks',
  make: async options => {
    const { stepMilliseconds = 0 } = options as { stepMilliseconds?: number }; // Given by the benchmark.
    return new IdleEnv(stepMilliseconds) as unknown as Env<Space, Space>; // A step function for any space takes what this one does not.
  },
});
