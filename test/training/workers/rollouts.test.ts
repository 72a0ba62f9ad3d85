import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OnPolicy, Trajectory } from '../../../src/agents/index.ts';
import { Random } from '../../../src/common/random.ts';
import { createEngine } from '../../../src/engine/index.ts';
import { floatsOf } from '../../../src/training/bus/index.ts';
import { loadAlgorithm, readMetrics, type TrainOptions, testPolicy, train } from '../../../src/training/index.ts';
import { createPolicy, openAnyEnv } from '../../../src/training/setup.ts';
import { concatenate } from '../../../src/training/trajectories.ts';
import { splitColumns } from '../../../src/training/workers/layout.ts';
import type { RolloutCollector } from '../../../src/training/workers/rollout-collector.ts';
import { batchOf, columnsOf, rolloutLayout } from '../../../src/training/workers/rollout-columns.ts';
import { Workplace } from '../../../src/training/workers/workplace.ts';
import { temporaryFolder } from '../run-files.ts';

const AGENT = { hidden: [8], recurrent: 'gru', recurrentSize: 4, sequenceLength: 8, miniBatchSize: 64, epochs: 2 };
const JOB = {
  ...{ env: 'CartPoleMasked-v1', envOptions: {}, simulator: 'mujoco', simulatorOptions: {}, algorithm: 'ppo' },
  agentOptions: AGENT,
  ...{ backend: 'onnx' as const, maxEpisodeSteps: 30, envs: 3 },
};

function trajectory(size: number, first: number): Trajectory {
  const column = (width: number) => Float32Array.from({ length: size * width }, (_, i) => first + i);
  const columns = { rewards: column(1), observations: column(2), actions: column(1) };
  const rest = { nextStates: [], terminated: false, truncated: false };
  return { size, columns, nextObservation: new Float32Array(2), ...rest };
}

test('trajectories that travel as columns are the trajectories that were sent', () => {
  const [one, two] = [[trajectory(3, 0), trajectory(1, 10)], [trajectory(2, 20)]];
  const sent = [one, two].map(columnsOf);
  expect(Object.keys(sent[0]?.columns ?? {})).toEqual(['actions', 'observations', 'rewards', 'trajectoryStarts']);
  const batch = batchOf(sent.map(({ size, columns }) => ({ rows: size, columns })));
  expect(batch).toEqual(concatenate([...one, ...two]));
  expect(batch.lengths).toEqual([3, 1, 2]);
});

test('a worker makes one rollout for each version of the weights, laid out as the learner expects, and waits', async () => {
  const workplace = await Workplace.open(JOB);
  const collector = (await workplace.collector(5, 20)) as RolloutCollector; // What the job's algorithm asks for.
  expect(collector.waits).toBe(true);
  const env = await openAnyEnv(JOB);
  const engine = await createEngine();
  const policy = (await createPolicy(await loadAlgorithm('ppo'), JOB, env, engine, new Random(3))) as OnPolicy; // So is PPO's.
  const layout = await rolloutLayout(policy);
  for (const version of [1, 2]) {
    await collector.setWeights(await policy.getWeights(), version);
    while (!collector.waits) await collector.step();
    const chunk = collector.chunk.seal(collector.weights);
    // Three environments at a time: seven steps make twenty and one.
    expect([chunk.steps, chunk.rows, chunk.weights]).toEqual([21, 21, version]);
    const columns = splitColumns(floatsOf(chunk.payload), chunk.rows, layout);
    const batch = batchOf([{ rows: chunk.rows, columns }]);
    expect(batch.lengths.reduce((sum, length) => sum + length, 0)).toBe(21);
    expect(batch.columns.state_in_0?.length).toBe(21 * 4);
    expect(batch.columns.rewards?.every(reward => reward === 1)).toBe(true);
    expect(batch.columns.advantages?.some(value => value !== 0)).toBe(true);
    await policy.learnOnBatch(batch);
  }
  await workplace.close();
  await policy.close();
  await engine.close();
});

const OPTIONS: TrainOptions = {
  env: 'CartPoleMasked-v1',
  algorithm: 'ppo',
  seed: 3,
  steps: 1_200,
  workers: 2,
  untilSuccess: 0,
  evalEvery: 600,
  evalEpisodes: 2,
  finalEpisodes: 3,
  checkpointEvery: 300,
  logEvery: 100,
  agentOptions: { ...AGENT, environments: 4, timestepsPerBatch: 120 },
};

test('workers feed PPO with memory, whole batches at a time; the run goes on after an interruption', async () => {
  const runsDirectory = temporaryFolder();
  const controller = new AbortController();
  const first = await train(
    { options: OPTIONS, runsDirectory, name: 'mine' },
    {
      signal: controller.signal,
      onEvent: event => {
        if (event.kind === 'progress' && event.envSteps >= 400) controller.abort();
      },
    },
  );
  expect(first.interrupted).toBe(true);
  const whole = await train({ resume: true, runsDirectory, name: 'mine' });
  expect(whole.envSteps).toBeGreaterThanOrEqual(1_200);
  expect(whole.updates).toBeGreaterThan(first.updates);
  const metrics = readMetrics(join(whole.directory, 'metrics.jsonl'));
  const learned = metrics.flatMap(record => (record.type === 'train' ? [record.learner] : []));
  // Rollouts and weights were in step: before the first mini-batch moves anything the ratio is one.
  for (const { divergence = 0 } of learned) expect(Math.abs(divergence)).toBeLessThan(0.1);
  expect(learned.some(({ valueLoss = 0 }) => valueLoss > 0)).toBe(true);
  expect((await testPolicy(whole.checkpoint as string, { episodes: 2, seed: 1 })).episodes).toBe(2);
});
