import { expect, test } from 'vitest';
import { createSac, ReplayBuffer } from '../../../src/agents/index.ts';
import { Random } from '../../../src/common/random.ts';
import { createEngine } from '../../../src/engine/index.ts';
import { box } from '../../../src/envs/index.ts';
import type { Welcome } from '../../../src/training/bus/index.ts';
import { rowWidth } from '../../../src/training/workers/layout.ts';
import { WorkerLoop } from '../../../src/training/workers/worker-loop.ts';
import { BareWorker, experience, openHub } from './bare-worker.ts';

const SIZES = { observationSize: 2, actionSize: 1 };

async function open() {
  const { hub, address } = await openHub();
  const policy = await createSac({
    ...SIZES,
    engine: await createEngine(),
    random: new Random(1),
    options: { actorHidden: [4], criticHidden: [4], batchSize: 4 },
  });
  const replay = new ReplayBuffer({ ...SIZES, capacity: 100 });
  const loop = new WorkerLoop({
    ...{ hub, policy, replay, demonstrations: null, random: new Random(2), randomSteps: 4, updatesPerStep: 0.5 },
    spaces: { observationSpace: box(-Infinity, Infinity, [2]), actionSpace: box(-1, 1, [1]) },
    ...{ signal: undefined, onWork: () => {} },
  });
  return { hub, address, loop, replay };
}

function rows({ layout }: Welcome, count: number): Uint8Array {
  return new Uint8Array(new Float32Array(count * rowWidth(layout)).fill(0.5).buffer);
}

test('so many updates for every step after the random ones; a worker that outlives the learner gets the weights of the next', async () => {
  const first = await open();
  const episode = first.loop.runEpisode(() => {});
  const worker = new BareWorker(first.address);
  const welcome = await worker.join();
  expect(welcome.random).toBe(true);
  await worker.send(experience(welcome, 1, { rows: 4 }), rows(welcome, 4));
  await worker.next('ack', ({ accepted }) => accepted === 1);
  expect(first.loop.updates).toBe(0);
  await worker.send(experience(welcome, 2, { rows: 4, episodes: [[3, 8, true, '']] }), rows(welcome, 4));
  expect(await episode).toMatchObject({ return: 3, length: 8, success: true });
  expect(first.loop).toMatchObject({ envSteps: 8, updates: 2 });
  expect(first.replay.size).toBe(8);
  // What the last of these says, no checkpoint knows.
  const state = await first.loop.getState();
  let known = (await worker.next('weights')).version;
  for (let seq = 3; seq < 6; seq++) {
    const going = first.loop.runEpisode(() => {});
    await worker.send({ kind: 'got', run: welcome.run, session: welcome.session, version: known });
    await new Promise(done => setTimeout(done, 15));
    await worker.send(experience(welcome, seq, { rows: 4, episodes: [[3, 8, true, '']] }), rows(welcome, 4));
    known = (await worker.next('weights')).version;
    await going;
  }
  await first.hub.close();

  const second = await open();
  await second.loop.setState(state);
  expect(second.loop).toMatchObject({ envSteps: 8, updates: 2, episodes: 1 });
  expect(second.replay.size).toBe(8);
  second.loop.runEpisode(() => {}).catch(() => {});
  const again = new BareWorker(second.address);
  const welcomed = await again.join({ run: welcome.run });
  expect(welcomed.received).toBe(2);
  // A worker takes only what is newer than what it has.
  expect((await again.next('weights')).version).toBeGreaterThan(known);
});
