import { expect, it } from 'vitest';
import { Random } from '../../src/common/random.ts';
import { type Actor, noisyActor } from '../../src/demos/index.ts';
import { recordEpisode } from '../../src/demos/record-episode.ts';
import type { Env } from '../../src/envs/index.ts';
import { PointEnv } from '../envs/toy-env.ts';

it('what has a memory forgets it before each episode, with noise around it or without', async () => {
  const env = new PointEnv() as unknown as Env; // Its spaces are boxes, which the general type leaves open.
  let steps = 0;
  const firstActions: number[] = [];
  const remembering: Actor = Object.assign(
    (observation: Float32Array) => {
      if (observation.length > 0) firstActions.push(steps++);
      return new Float32Array(env.actionSpace.kind === 'box' ? env.actionSpace.low.length : 1);
    },
    {
      reset: () => {
        steps = 0;
      },
    },
  );
  for (const actor of [remembering, noisyActor(remembering, new Random(1), 0.1)]) {
    firstActions.length = 0;
    for (const seed of [1, 2]) await recordEpisode(env, actor, { seed }, 3);
    expect(firstActions).toEqual([0, 1, 2, 0, 1, 2]);
  }
});
