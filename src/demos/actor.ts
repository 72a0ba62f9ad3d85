import type { Random } from '../common/random.ts';
import { type Env, flatSize } from '../envs/index.ts';

/** Chooses an action `[action]` in [-1, 1] for an observation. */
export interface Actor {
  (observation: Float32Array): Float32Array | Promise<Float32Array>;
  /** Called before each episode, by what has a memory of the last one. */
  reset?(): void;
}

/** Actions drawn uniformly from [-1, 1]. */
export function randomActor(env: Env, random: Random): Actor {
  const size = flatSize(env.actionSpace);
  return () => Float32Array.from({ length: size }, () => random.uniform(-1, 1));
}

/** Adds normal noise of this standard deviation; the recorder brings every number back into [-1, 1]. */
export function noisyActor(actor: Actor, random: Random, scale: number): Actor {
  if (scale === 0) return actor;
  const noisy: Actor = async observation => (await actor(observation)).map(value => value + scale * random.normal());
  return Object.assign(noisy, { reset: () => actor.reset?.() });
}
