import type { Random } from '../../common/random.ts';
import type { Episode, EpisodeStart } from '../../demos/index.ts';
import type { Box, Env } from '../../envs/index.ts';

/** How to come to the states of one demonstrated episode again. */
interface DemonstratedStart {
  readonly start: EpisodeStart;
  /** `[length, action]` */
  readonly actions: Float32Array;
  readonly length: number;
}

/** Episodes that are kept for it; of more, a uniform sample. */
const EPISODES = 256;
/** Longer ones are left out, bytes of actions. */
const LONGEST = 1 << 16;

/** Where an episode that starts in a demonstrated state begins. */
export interface DemonstratedState {
  readonly observation: Float32Array;
  /** Steps of the environment that it took to come there. */
  readonly steps: number;
}

/** The states of demonstrated episodes, to start episodes in: the environment is led there by the recorded actions. */
export class DemonstratedStarts {
  private readonly random: Random;
  private readonly starts: DemonstratedStart[] = [];
  private seen = 0;

  /** @param random decides which episodes are kept. */
  constructor(random: Random) {
    this.random = random;
  }

  /** Episodes kept. */
  get size(): number {
    return this.starts.length;
  }

  /** Takes an episode in where it says how it began. */
  add({ start, actions, length }: Episode): void {
    if (start === null || actions.byteLength > LONGEST) return;
    this.seen++;
    const place = this.seen <= EPISODES ? this.seen - 1 : this.random.integer(this.seen);
    if (place < EPISODES) this.starts[place] = { start, actions: actions.slice(), length };
  }

  /**
   * Brings the environment into a state of an episode drawn uniformly, before one of its steps, drawn uniformly too: from
   * near the goal now and then, and from the very start now and then.
   *
   * @param env takes normalized actions.
   */
  async resetTo(env: Env<Box, Box>, random: Random): Promise<DemonstratedState> {
    const { start, actions, length } = this.starts[random.integer(this.starts.length)] as DemonstratedStart;
    const steps = random.integer(length);
    const width = actions.length / length;
    const reset = async () => {
      const { options } = start;
      return (await env.reset({ seed: start.seed, ...(options === undefined ? {} : { options }) })).observation;
    };
    let observation = await reset();
    for (let step = 0; step < steps; step++) {
      const result = await env.step(actions.subarray(step * width, (step + 1) * width));
      // In another simulator, or with other options, it may end before: then the episode starts where that one started.
      if (result.terminated || result.truncated) return { observation: await reset(), steps: step + 1 };
      observation = result.observation;
    }
    return { observation, steps };
  }
}
