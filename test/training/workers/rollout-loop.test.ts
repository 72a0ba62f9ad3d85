import { expect, test } from 'vitest';
import { ppo } from '../../../src/agents/index.ts';
import { Random } from '../../../src/common/random.ts';
import { createEngine } from '../../../src/engine/index.ts';
import { box, discrete } from '../../../src/envs/index.ts';
import type { Welcome } from '../../../src/training/bus/index.ts';
import { rowWidth } from '../../../src/training/workers/layout.ts';
import { STARTS } from '../../../src/training/workers/rollout-columns.ts';
import { RolloutLoop } from '../../../src/training/workers/rollout-loop.ts';
import { BareWorker, experience, openHub } from './bare-worker.ts';

const INTEGERS = new Set(['actions', 'previousActions', 'terminated', 'truncated']);

/** A payload of so many rows in which everything is a fixed fraction, and one trajectory. */
function rollout({ layout }: Welcome, rows: number): Uint8Array {
  const payload = new Float32Array(rows * rowWidth(layout));
  let offset = 0;
  for (const { name, width } of layout) {
    const values = payload.subarray(offset, offset + rows * width);
    if (name === STARTS) values[0] = 1;
    else if (!INTEGERS.has(name)) for (let i = 0; i < values.length; i++) values[i] = Math.sin(offset + i);
    offset += rows * width;
  }
  return new Uint8Array(payload.buffer);
}

async function open(patience: number) {
  const { hub, address } = await openHub({ chunk: 8, window: 64 });
  const engine = await createEngine();
  const policy = await ppo.create({
    observationSize: 2,
    actions: { kind: 'discrete', n: 2 },
    engine,
    random: new Random(1),
    options: { timestepsPerBatch: 16, miniBatchSize: 8, epochs: 1, hidden: [4] },
  });
  const spaces = { observationSpace: box(-Infinity, Infinity, [2]), actionSpace: discrete(2) };
  const rest = { spaces, totalSteps: 1000, signal: undefined, onWork: () => {}, patience };
  const loop = new RolloutLoop({ hub, policy, ...rest });
  const updates: unknown[] = [];
  const episode = loop.runEpisode(metrics => updates.push({ ...metrics }));
  // Never in a test's way where nobody asks for it.
  episode.catch(() => {});
  return { hub, address, loop, updates, episode };
}

const share = { rows: 8, steps: 8, weights: 1 };

test('a batch of two shares is learned from when both are there; older weights count, and are not learned from', async () => {
  const { address, loop, updates, episode } = await open(60_000);
  const [a, b] = [new BareWorker(address), new BareWorker(address)];
  const welcome = await a.join({ worker: 'a' });
  const other = await b.join({ worker: 'b' });
  expect(welcome.random).toBe(false);
  expect((await a.next('weights')).version).toBe(1);
  await a.send(experience(welcome, 1, share), rollout(welcome, 8));
  await a.send(experience(welcome, 2, { ...share, weights: 0 }), rollout(welcome, 8));
  await a.next('ack', ({ received }) => received === 2);
  expect(updates).toEqual([]);
  await a.send({ kind: 'got', run: welcome.run, session: welcome.session, version: 1 });
  await b.send(experience(other, 1, { ...share, episodes: [[5, 8, true, '']] }), rollout(other, 8));
  expect((await a.next('weights')).version).toBe(2);
  expect(await episode).toMatchObject({ return: 5, length: 8, success: true });
  expect(updates).toEqual([expect.objectContaining({ gradientSteps: 2 })]);
  expect(loop.envSteps).toBe(24);
});

test('where a share never comes, the others’ is learned from once patience is at an end', async () => {
  const { address, updates } = await open(300);
  const a = new BareWorker(address);
  const welcome = await a.join({ worker: 'a' });
  expect((await a.next('weights')).version).toBe(1);
  await a.send({ kind: 'got', run: welcome.run, session: welcome.session, version: 1 });
  await a.send(experience(welcome, 1, share), rollout(welcome, 8));
  expect((await a.next('weights')).version).toBe(2);
  expect(updates).toEqual([expect.objectContaining({ gradientSteps: 1 })]);
});
