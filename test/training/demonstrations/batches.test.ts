import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NStepAccumulator, ReplayBuffer, type Transition, type TransitionBatch } from '../../../src/agents/index.ts';
import { Random } from '../../../src/common/random.ts';
import { loadDemonstrations, openDemonstrations } from '../../../src/demos/index.ts';
import { resolveConfig, type TrainOptions } from '../../../src/training/config.ts';
import { loadTrainingDemonstrations } from '../../../src/training/demonstrations/index.ts';
import { openEnv } from '../../../src/training/setup.ts';
import { temporaryFolder } from '../run-files.ts';
import { recordPoint } from './point-demos.ts';

const SIZES = { observationSize: 2, actionSize: 2 };

async function load(options: TrainOptions) {
  const config = resolveConfig({ env: 'Point-v0', ...options });
  const env = await openEnv(config);
  const demonstrations = await loadTrainingDemonstrations({ config, env, gamma: 0.9, nStep: 3, random: new Random(1) });
  if (demonstrations === null) throw new Error('nothing was loaded');
  return { demonstrations, env };
}

function batchOf(size: number): TransitionBatch {
  return {
    size,
    observations: new Float32Array(2 * size),
    actions: new Float32Array(2 * size),
    rewards: new Float32Array(size),
    nextObservations: new Float32Array(2 * size),
    discounts: new Float32Array(size),
  };
}

/** A replay buffer whose transitions are told apart by a reward that no environment gives. */
function markedReplay(capacity = 100): ReplayBuffer {
  const replay = new ReplayBuffer({ ...SIZES, capacity });
  replay.add({ observation: [0, 0], action: [0, 0], reward: 777, nextObservation: [0, 0], discount: 0 });
  return replay;
}

/** Rows of a batch as texts. */
function rowsOf({ size, observations, actions, rewards, nextObservations, discounts }: TransitionBatch): string[] {
  return Array.from({ length: size }, (_, i) =>
    [
      ...observations.subarray(2 * i, 2 * i + 2),
      ...actions.subarray(2 * i, 2 * i + 2),
      rewards[i],
      ...nextObservations.subarray(2 * i, 2 * i + 2),
      discounts[i],
    ].join(' '),
  );
}

/** What a replay buffer would hold, had the demonstrated episodes been played. */
async function asPlayed(paths: readonly string[]): Promise<string[]> {
  const played: string[] = [];
  const buffer = {
    add: ({ observation, action, reward, nextObservation, discount }: Transition) => {
      const numbers = [...Array.from(observation), ...Array.from(action), reward, ...Array.from(nextObservation)];
      played.push([...numbers, discount].map(Math.fround).join(' '));
    },
  };
  const accumulator = new NStepAccumulator({ ...SIZES, steps: 3, gamma: 0.9, buffer });
  for (const path of paths) {
    const reader = await openDemonstrations(path);
    for await (const { length, observations, actions, rewards, nextObservations, end } of reader.episodes())
      for (let i = 0; i < length; i++)
        accumulator.add({
          observation: observations.subarray(2 * i, 2 * i + 2),
          action: actions.subarray(2 * i, 2 * i + 2),
          reward: rewards[i] as number,
          nextObservation: nextObservations.subarray(2 * i, 2 * i + 2),
          terminated: i === length - 1 && end === 'terminated',
          truncated: i === length - 1 && end === 'truncated',
        });
    await reader.close();
  }
  return played;
}

test('demonstrations are n-step transitions like those of the replay buffer; "original" appends all to every batch', async () => {
  const path = await recordPoint(join(temporaryFolder(), 'point.json'));
  const { demonstrations } = await load({ demos: [path], demoMode: 'original' });
  const expected = await asPlayed([path]);
  expect(demonstrations.appendedRows).toBe(expected.length);
  const batch = batchOf(8 + expected.length);
  demonstrations.fill(batch, markedReplay(), new Random(5));
  expect([...batch.rewards.subarray(0, 8)]).toEqual(Array(8).fill(777));
  expect(rowsOf(batch).slice(8)).toEqual(expected);
});

test('"mix" draws half of every batch from them, each transition about as often', async () => {
  const path = await recordPoint(join(temporaryFolder(), 'point.json'));
  const { demonstrations } = await load({ demos: [path] });
  const expected = await asPlayed([path]);
  const counts = new Map(expected.map(row => [row, 0]));
  const batch = batchOf(10);
  const random = new Random(5);
  for (let i = 0; i < 1000; i++) {
    demonstrations.fill(batch, markedReplay(), random);
    expect([...batch.rewards].map(reward => reward === 777)).toEqual([...Array(5).fill(true), ...Array(5).fill(false)]);
    for (const row of rowsOf(batch).slice(5)) counts.set(row, (counts.get(row) ?? Number.NaN) + 1);
  }
  const mean = 5000 / expected.length;
  for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(6 * Math.sqrt(mean));
});

test('"preload" makes them the first transitions of the replay buffer, and batches are drawn from that alone', async () => {
  const path = await recordPoint(join(temporaryFolder(), 'point.json'));
  const { demonstrations } = await load({ demos: [path], demoMode: 'preload' });
  const expected = await asPlayed([path]);
  const replay = new ReplayBuffer({ ...SIZES, capacity: 1000 });
  demonstrations.preload(replay, SIZES);
  expect(replay.size).toBe(expected.length);
  const { size, observations, actions, rewards, nextObservations, discounts } = replay.getState();
  const held = { size, observations, actions, rewards, nextObservations, discounts } as unknown as TransitionBatch; // As the buffer writes it.
  expect(rowsOf(held)).toEqual(expected);
  const batch = batchOf(20);
  demonstrations.fill(batch, replay, new Random(5));
  for (const row of rowsOf(batch)) expect(expected).toContain(row);
});

test('several files are drawn from by their weights, and without weights by their transitions', async () => {
  const folder = temporaryFolder();
  const few = await recordPoint(join(folder, 'few.json'), 2, 3);
  const many = await recordPoint(join(folder, 'many.jsonl'), 18, 4);
  const fromFew = new Set(await asPlayed([few]));
  const all = (await asPlayed([few, many])).length;
  const shareOfFew = async (options: TrainOptions) => {
    const { demonstrations } = await load({ demos: [few, many], ...options });
    const batch = batchOf(4000);
    demonstrations.sampleInto(batch, new Random(5));
    return rowsOf(batch).filter(row => fromFew.has(row)).length / batch.size;
  };
  // Four standard deviations of 4,000 draws are 0.03 at most.
  expect(Math.abs((await shareOfFew({})) - fromFew.size / all)).toBeLessThan(0.03);
  expect(Math.abs((await shareOfFew({ demoWeights: [3, 1] })) - 0.75)).toBeLessThan(0.03);
  expect(await shareOfFew({ demoWeights: [0, 1] })).toBe(0);
  await expect(load({ demos: [few, many], demoWeights: [1] })).rejects.toThrow('2 demonstration files and 1 weights');
});

test('of more transitions than the cache holds a uniform sample is kept, and people are told', async () => {
  const path = await recordPoint(join(temporaryFolder(), 'point.json'), 40);
  const all = await asPlayed([path]);
  // 2 + 2 + 2 + 2 numbers of four bytes each.
  const { demonstrations } = await load({ demos: [path], demoCache: 32 * 50 });
  expect(demonstrations.size).toBe(50);
  expect(demonstrations.bytes).toBe(32 * 50);
  expect(demonstrations.description).toMatch(new RegExp(`${all.length} transitions, of which 50 were drawn`));
  const batch = batchOf(500);
  demonstrations.sampleInto(batch, new Random(5));
  const rows = new Set(rowsOf(batch));
  expect(rows.size).toBeLessThanOrEqual(50);
  for (const row of rows) expect(all).toContain(row);
});

test('episodes start in demonstrated states, as often as asked for', async () => {
  const path = await recordPoint(join(temporaryFolder(), 'point.json'));
  const { demonstrations, env } = await load({ demos: [path], demoResets: 0.25 });
  const { observations, size } = await loadDemonstrations([path]);
  const known = new Set(Array.from({ length: size }, (_, i) => observations.subarray(2 * i, 2 * i + 2).join(' ')));
  const random = new Random(5);
  const starts: string[] = [];
  for (let i = 0; i < 400; i++) {
    const state = await demonstrations.reset(env, random);
    if (state === null) continue;
    starts.push(state.observation.join(' '));
    // The environment stands there: it moves on from that very state.
    const { observation } = await env.step(Float32Array.of(0, 0));
    expect(observation).toEqual(state.observation);
  }
  for (const start of starts) expect(known).toContain(start);
  // 100 ± 8.7; four standard deviations.
  expect(Math.abs(starts.length - 100)).toBeLessThan(35);
  expect(new Set(starts).size).toBeGreaterThan(known.size / 2);
});
