import { expect, test } from 'vitest';
import { createSac, NStepAccumulator, ReplayBuffer, type Transition } from '../../src/agents/index.ts';
import { Random } from '../../src/common/random.ts';
import { createEngine } from '../../src/engine/index.ts';
import { type Box, box, type Env, type Info } from '../../src/envs/index.ts';
import { Learner } from '../../src/training/learner.ts';

/** Steps are counted in the observation; episode by episode, it ends after so many with that information. */
function countingEnv(ends: readonly { readonly after: number; readonly info: Info }[]): Env<Box, Box> {
  let count = 0;
  let steps = 0;
  let episode = -1;
  return {
    observationSpace: box(-1000, 1000, [1]),
    actionSpace: box(-1, 1, [1]),
    async reset() {
      episode++;
      steps = 0;
      return { observation: Float32Array.of(count), info: {} };
    },
    async step() {
      const end = ends[episode];
      const over = ++steps === end?.after;
      const cut = over && (end?.info.simulatorLost !== undefined || end?.info.diverged === true);
      return {
        observation: Float32Array.of(cut ? count : ++count),
        reward: cut ? 0 : 1,
        terminated: false,
        truncated: over,
        info: over ? (end?.info ?? {}) : {},
      };
    },
    async close() {},
  };
}

async function learnFrom(env: Env<Box, Box>, episodes: number, steps: number) {
  const kept: Transition[] = [];
  const sizes = { observationSize: 1, actionSize: 1 };
  const replay = new ReplayBuffer({ ...sizes, capacity: 100 });
  const buffer = {
    add(transition: Transition) {
      kept.push(transition);
      replay.add(transition);
    },
  };
  const engine = await createEngine();
  const policy = await createSac({
    ...sizes,
    engine,
    random: new Random(1),
    options: { actorHidden: [4], criticHidden: [4] },
  });
  const learner = new Learner({
    env,
    policy,
    replay,
    accumulator: new NStepAccumulator({ ...sizes, steps, gamma: 0.9, buffer }),
    random: new Random(2),
    // Nothing is updated here: what is remembered is looked at.
    randomSteps: 1000,
    updatesPerStep: 1,
    maxEpisodeSteps: 1000,
  });
  const results = [];
  for (let i = 0; i < episodes; i++) results.push(await learner.runEpisode(() => {}));
  return { kept: kept.map(({ observation }) => observation[0]), results, learner };
}

test.each<[Info]>([[{ simulatorLost: 'gone' }], [{ diverged: true }]])(
  'a step of which %j is said is not learned from; those before and after it are',
  async info => {
    const env = countingEnv([
      { after: 3, info },
      { after: 2, info: {} },
    ]);
    const { kept, results, learner } = await learnFrom(env, 2, 1);
    // Two good steps from 0 and 1, the third one lost, then two from where it stood.
    expect(kept).toEqual([0, 1, 2, 3]);
    expect(learner.envSteps).toBe(5);
    expect(results.map(result => result.simulatorLost)).toEqual([info.simulatorLost, undefined]);
  },
);

test('with n-step returns, those under way are left out too: they lack a reward', async () => {
  const env = countingEnv([
    { after: 4, info: { simulatorLost: 'gone' } },
    { after: 2, info: {} },
  ]);
  const { kept } = await learnFrom(env, 2, 2);
  // The steps from 0 and 1 were complete; the one from 2 was waiting for its second reward.
  expect(kept).toEqual([0, 1, 3, 4]);
});
