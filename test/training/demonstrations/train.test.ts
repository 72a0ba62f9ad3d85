import { copyFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../../../src/common/random.ts';
import { describeEnv, randomActor, record } from '../../../src/demos/index.ts';
import { makeEnv } from '../../../src/envs/index.ts';
import { readMetrics, type TrainOptions, train } from '../../../src/training/index.ts';
import { readText, SMALL, temporaryFolder } from '../run-files.ts';
import { recordPoint } from './point-demos.ts';

const SHORT: TrainOptions = { ...SMALL, steps: 500, checkpointEvery: 120 };

test('a policy pretrained on demonstrations does what they show before it has learned anything else', async () => {
  const runsDirectory = temporaryFolder();
  const demos = [await recordPoint(join(runsDirectory, 'point.pickle'), 30)];
  // It learns from its first step on, so hardly: a handful of updates with a rate of next to nothing.
  const options = {
    ...{ env: 'Point-v0', steps: 10, randomSteps: 0, untilSuccess: 0, finalEpisodes: 50, demos },
    agentOptions: { actorHidden: [32, 32], criticHidden: [4] },
  };
  const cloned = await train({ options: { ...options, pretrain: 500 }, runsDirectory, name: 'cloned' });
  const raw = await train({ options, runsDirectory, name: 'raw' });
  expect(cloned.evaluation?.successRate).toBeGreaterThan(0.9);
  expect(raw.evaluation?.successRate).toBeLessThan(0.5);
});

test("a run's configuration names its demonstrations with their hash; it goes on only with the same content", async () => {
  const runsDirectory = temporaryFolder();
  const path = await recordPoint(join(runsDirectory, 'point.json'));
  const options = { ...SHORT, steps: 150, finalEpisodes: 0, demos: [path] };
  const { directory } = await train({ options, runsDirectory, name: 'run' });
  const { demos } = JSON.parse(readText(join(directory, 'config.json'))).training;
  expect(demos).toEqual([{ path, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);

  const resume = (more: TrainOptions = {}) =>
    train({ options: { steps: 300, ...more }, runsDirectory, name: 'run', resume: true });
  const moved = join(runsDirectory, 'moved.json');
  renameSync(path, moved);
  await expect(resume()).rejects.toThrow(/point\.json failed/);
  await recordPoint(path, 6, 99);
  await expect(resume()).rejects.toThrow(/began with other demonstrations.*point\.json was [0-9a-f]{16}…, and is/);
  await expect(resume({ demos: [moved, moved] })).rejects.toThrow('it has 1 files of them, not 2');
  expect((await resume({ demos: [moved] })).envSteps).toBeGreaterThanOrEqual(300);
  // The same content elsewhere is the same run.
  copyFileSync(moved, join(runsDirectory, 'again.json'));
  expect((await resume({ steps: 400, demos: [join(runsDirectory, 'again.json')] })).envSteps).toBeGreaterThanOrEqual(
    400,
  );
});

test('demonstrations with another reward are played again with that of the training, and people are told', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'reach.json');
  const env = await makeEnv('SawyerReach-v1', { reward: 'dense' });
  const description = describeEnv(env, { id: 'SawyerReach-v1', options: { reward: 'dense' }, simulator: 'mujoco' });
  const actor = randomActor(env, new Random(1));
  await record({ env, description, actor, episodes: 2, seed: 3, out: path, policy: { name: 'random', noise: 0 } });
  await env.close();
  const small = { agentOptions: { actorHidden: [8], criticHidden: [8], batchSize: 8, nStep: 1 } };
  const options = { ...small, env: 'SawyerReach-v1', steps: 60, randomSteps: 20, finalEpisodes: 0, logEvery: 10 };
  const warned = async (reward: string) =>
    (
      await train({
        options: { ...options, envOptions: { reward }, demos: [path] },
        runsDirectory: folder,
        name: `to-${reward}`,
      })
    ).warnings.join();
  expect(await warned('dense')).toBe('');
  expect(await warned('sparse')).toMatch(
    /reward is "dense" and should be "sparse".*played again with those of this training, and 0 of 2 succeeded/,
  );
});

test('a pickle that says nothing of itself is learned from where its sizes fit, but no episode can start in it', async () => {
  const folder = temporaryFolder();
  const path = await recordPoint(join(folder, 'point.pickle'));
  const before = readdirSync(folder);
  for (const beside of before.filter(name => name.endsWith('.json'))) rmSync(join(folder, beside));
  expect(readdirSync(folder)).toEqual(['point.pickle']);
  const options = { ...SHORT, steps: 120, finalEpisodes: 0, demos: [path] };
  expect((await train({ options, runsDirectory: folder })).warnings).toEqual([]);
  await expect(train({ options: { ...options, demoResets: 0.5 }, runsDirectory: folder })).rejects.toThrow(
    'no demonstration says how it began',
  );
  await expect(
    train({ options: { ...options, env: 'SawyerReach-v1', envOptions: {} }, runsDirectory: folder }),
  ).rejects.toThrow('an observation has 2 numbers in episode 0, and should have');
});

test('demonstrations of something else are refused, saying which differs', async () => {
  const folder = temporaryFolder();
  const path = await recordPoint(join(folder, 'point.json'), 1);
  const refused = (options: TrainOptions) => train({ options, runsDirectory: folder });
  await expect(refused({ env: 'SawyerReach-v1', demos: [path] })).rejects.toThrow(
    /do not fit: the environment is "Point-v0" and should be "SawyerReach-v1"; .*the size of an observation is 2/,
  );
  writeFileSync(join(folder, 'broken.json'), readText(path).slice(0, -20));
  await expect(refused({ ...SHORT, demos: [join(folder, 'broken.json')] })).rejects.toThrow(/broken\.json failed/);
  await expect(refused({ ...SHORT, demos: [join(folder, 'none.json')] })).rejects.toThrow(/none\.json failed/);
});

test.each<[TrainOptions, string]>([
  [{ pretrain: 10 }, '--pretrain says how demonstrations are used, but there are none'],
  [{ demoMode: 'preload' }, '--demo-mode says how'],
  [{ demoResets: 0.5 }, '--demo-resets says how'],
  [{ demoResets: 0.5, workers: 2, demos: ['a.json'] }, 'Rollout workers have no demonstrations to start episodes in'],
  [{ demoResets: 2, demos: ['a.json'] }, 'Option "demoResets" of train cannot be 2'],
  [{ demos: ['a.txt'] }, 'The format of'],
])('%j is refused', async (options, message) => {
  await expect(train({ options, runsDirectory: temporaryFolder() })).rejects.toThrow(message);
});

test('an algorithm that learns from its own rollouts refuses demonstrations', async () => {
  const folder = temporaryFolder();
  const demos = [await recordPoint(join(folder, 'point.json'), 1)];
  await expect(train({ options: { env: 'Point-v0', algorithm: 'ppo', demos }, runsDirectory: folder })).rejects.toThrow(
    'ppo learns from rollouts of its own policy, so demonstrations are nothing to it',
  );
});

test('what cloning reports stands in the metrics', async () => {
  const runsDirectory = temporaryFolder();
  const demos = [await recordPoint(join(runsDirectory, 'point.jsonl'))];
  const options = { ...SHORT, steps: 120, finalEpisodes: 0, pretrain: 5, demos };
  const { directory } = await train({ options, runsDirectory, name: 'run' });
  const first = readMetrics(join(directory, 'metrics.jsonl')).find(record => record.type === 'train');
  expect(first).toMatchObject({ learner: { cloningLoss: expect.any(Number) } });
});
