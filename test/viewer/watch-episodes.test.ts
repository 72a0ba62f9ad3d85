import { expect, onTestFinished, test } from 'vitest';
import { type Box, type Env, makeEnv } from '../../src/envs/index.ts';
import { watchEpisodes } from '../../src/viewer/index.ts';

test('where the seeds run out it ends', async () => {
  const played: number[] = [];
  await watchEpisodes({
    title: 'a test',
    async open(around) {
      const env = await makeEnv('SawyerReach-v1', { maxEpisodeSteps: 2 }, { around });
      onTestFinished(() => env.close());
      const pilot = {
        act: async () => new Float32Array(env.actionSpace.kind === 'box' ? env.actionSpace.low.length : 0),
      };
      return { env: env as unknown as Env<Box, Box>, pilot, maxEpisodeSteps: 2 }; // Its spaces are boxes.
    },
    episodes: null,
    seeds: [3, 5].values(),
    speed: 1000,
    patience: 0,
    announce: () => {},
    onReady: () => {},
    onEpisode: ({ seed }) => played.push(seed),
  });
  expect(played).toEqual([3, 5]);
});
