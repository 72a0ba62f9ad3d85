import { expect, test } from 'vitest';
import { createSac, ppo, ReplayBuffer } from '../../../src/agents/index.ts';
import { Random } from '../../../src/common/random.ts';
import { createEngine } from '../../../src/engine/index.ts';
import { box, discrete } from '../../../src/envs/index.ts';
import type { Column, Welcome } from '../../../src/training/bus/index.ts';
import type { WorkerHub } from '../../../src/training/workers/hub.ts';
import { checkRanges, rangedRollouts, rangedTransitions } from '../../../src/training/workers/ranges.ts';
import { STARTS } from '../../../src/training/workers/rollout-columns.ts';
import { RolloutLoop } from '../../../src/training/workers/rollout-loop.ts';
import { WorkerLoop } from '../../../src/training/workers/worker-loop.ts';
import { BareWorker, experience, HELLO, LAYOUT, openHub, row, until } from './bare-worker.ts';

const ABSURD: readonly unknown[] = [
  ...[1e30, -1e30, Number.MAX_SAFE_INTEGER, 2 ** 50, 2 ** 53, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY],
  ...[null, true, '', 'x'.repeat(100_000), [], {}, [[]], [[1e30, 1, true, '']], [[Number.NaN, 1, true, '']]],
  ...[[[1, 1e9, true, '']], [[1, 0, true, '']], [[1, 1, true, 'y'.repeat(100_000)]]],
  Array.from({ length: 5_000 }, () => [0, 1, false, '']),
];

/** Each message that a worker sends, as an honest one would. */
const HONEST: Readonly<Record<string, (welcome: Welcome) => object>> = {
  experience: welcome => experience(welcome, 1, { episodes: [[1, 3, true, '']] }),
  got: ({ run, session }) => ({ kind: 'got', run, session, version: 1 }),
  beat: ({ run, session }) => ({
    ...{ kind: 'beat', run, session, simulating: 0.5, acting: 0.2, waiting: 0.1 },
    ...{ memory: 1e8, retained: 1e6, dropped: 0 },
  }),
  leave: ({ run, session }) => ({ kind: 'leave', run, session, reason: 'done', text: 'bye' }),
};

test.each(Object.keys(HONEST))('WorkerHub survives absurd values in every field of "%s"', async kind => {
  const { hub, address } = await openHub();
  hub.start({ run: 'this-run', random: true, layout: LAYOUT });
  hub.publish(1, { actor: Float32Array.of(1) });
  const honest = new BareWorker(address);
  const welcome = await honest.join({ worker: 'honest' });
  const make = HONEST[kind] as (welcome: Welcome) => object; // One of its own keys.
  let liars = 0;
  for (const field of Object.keys(make(welcome)))
    for (const value of ABSURD) {
      const liar = new BareWorker(address);
      const theirs = await liar.join({ worker: `liar-${liars++}` });
      const payload = kind === 'experience' ? [row(0, 0)] : [];
      await liar.send({ ...make(theirs), [field]: value }, ...payload);
      // Whatever became of it was done before this was.
      await liar.send({ ...HELLO, worker: 'marker', secret: 'guess' });
      await liar.next('refused', ({ text }) => text.includes('may not join'));
      liar.close();
      expectSane(hub);
    }
  await honest.send(experience(welcome, 1), row(1, 2));
  await until(() => hub.roster.get('honest')?.accepted === 1, 'the honest message');
  expect(hub.expulsions.toJSON().total).toBeGreaterThan(10);
});

/** Takes what arrived, which an honest worker might have sent. */
function expectSane(hub: WorkerHub): void {
  for (let arrived = hub.take(); arrived !== null; arrived = hub.take()) {
    expect(arrived.steps).toBeLessThanOrEqual(32);
    expect(arrived.seq).toBeLessThanOrEqual(2 ** 48);
    expect(arrived.episodes.length).toBeLessThanOrEqual(arrived.steps);
    for (const [total, length] of arrived.episodes) {
      expect(Math.abs(total)).toBeLessThanOrEqual(1e6 * length);
      expect(length).toBeLessThanOrEqual(100);
    }
  }
}

const SPACES = { observationSpace: box(-Infinity, Infinity, [2]), actionSpace: box(-1, 1, [1]) };

async function openOffPolicy() {
  const { hub, address } = await openHub();
  const sizes = { observationSize: 2, actionSize: 1 };
  const policy = await createSac({
    ...sizes,
    engine: await createEngine(),
    random: new Random(1),
    options: { actorHidden: [4], criticHidden: [4], batchSize: 4 },
  });
  const replay = new ReplayBuffer({ ...sizes, capacity: 1_000 });
  const loop = new WorkerLoop({
    ...{ hub, policy, replay, demonstrations: null, random: new Random(2), randomSteps: 0, updatesPerStep: 1 },
    ...{ spaces: SPACES, signal: undefined, onWork: () => {} },
  });
  return { hub, address, loop, ranged: (layout: readonly Column[]) => rangedTransitions(layout, SPACES) };
}

async function openOnPolicy() {
  const { hub, address } = await openHub({ chunk: 4, window: 64 });
  const policy = await ppo.create({
    ...{ observationSize: 2, actions: { kind: 'box', size: 1 }, random: new Random(1) },
    engine: await createEngine(),
    options: { timestepsPerBatch: 4, miniBatchSize: 4, epochs: 2, hidden: [4], recurrent: 'gru', recurrentSize: 2 },
  });
  const loop = new RolloutLoop({
    ...{ hub, policy, spaces: SPACES, totalSteps: 1_000, signal: undefined, onWork: () => {}, patience: 60_000 },
  });
  return { hub, address, loop, ranged: (layout: readonly Column[]) => rangedRollouts(layout, SPACES) };
}

const ZEROS = new Set(['terminated', 'truncated', 'discounts']);

/** Four rows of sensible numbers, and a wrong one in a column. */
function rows({ layout }: Welcome, column: string | null, value: number): Uint8Array {
  const parts = layout.flatMap(({ name, width }) => {
    const numbers = Array.from({ length: 4 * width }, (_, i) => (ZEROS.has(name) ? 0 : Math.sin(i) / 2));
    if (name === STARTS) numbers.splice(0, 4, 1, 0, 0, 0);
    if (name === column) numbers[numbers.length - 1] = value;
    return numbers;
  });
  return new Uint8Array(Float32Array.from(parts).buffer);
}

async function expectSurvives({
  hub,
  address,
  loop,
}: {
  hub: WorkerHub;
  address: string;
  loop: WorkerLoop | RolloutLoop;
}) {
  const losses: number[] = [];
  const onUpdate = (metrics: Readonly<Record<string, number>>) => losses.push(...Object.values(metrics));
  let episode = loop.runEpisode(onUpdate);
  const honest = new BareWorker(address);
  const welcome = await honest.join({ worker: 'honest' });
  let seq = 0;
  const share = { steps: 4, rows: 4, episodes: [[1, 4, true, '']] };
  const learnHonestly = async () => {
    await honest.send(experience(welcome, ++seq, { ...share, weights: seq }), rows(welcome, null, 0));
    expect(await episode).toMatchObject({ return: 1, length: 4 });
    episode = loop.runEpisode(onUpdate);
  };
  await learnHonestly();
  let expelled = 0;
  for (const { name } of welcome.layout)
    for (const value of [1e30, -1e30, 3e38, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const liar = new BareWorker(address);
      const theirs = await liar.join({ worker: `liar-${expelled}` });
      await liar.send(experience(theirs, 1, { ...share, weights: seq + 1 }), rows(theirs, name, value));
      expect((await liar.next('refused')).text).toContain(`of "${name}" in row 3 is`);
      expelled++;
      // It stays out, under this name.
      await liar.send(experience(theirs, 2, { ...share, weights: seq + 1 }), rows(theirs, null, 0));
      await liar.next('unknown');
      liar.close();
    }
  expect(hub.expulsions.toJSON().total).toBe(expelled);
  expect(loop.status().expelled.last.at(-1)?.reason).toContain('in row 3');
  await learnHonestly();
  expect(seq).toBe(2);
  expect(loop.envSteps).toBe(8);
  expect(losses.length).toBeGreaterThan(0);
  expect(losses.every(Number.isFinite)).toBe(true);
  hub.interrupt();
  loop.fail(new Error('enough'));
  await expect(episode).rejects.toThrow('enough');
}

test('off-policy training continues when workers send absurd numbers, which are expelled', async () => {
  await expectSurvives(await openOffPolicy());
});

test('on-policy training continues when workers send absurd numbers, which are expelled', async () => {
  await expectSurvives(await openOnPolicy());
});

/** The largest and smallest numbers that are let in, one column at a time: training must survive these, too. */
async function expectLearnsAtBounds(opened: Awaited<ReturnType<typeof openOnPolicy | typeof openOffPolicy>>) {
  const { address, loop, ranged } = opened;
  const losses: number[] = [];
  const worker = new BareWorker(address);
  let seq = 0;
  const learn = async (welcome: Welcome, column: string | null, value: number) => {
    const episode = loop.runEpisode(metrics => losses.push(...Object.values(metrics)));
    const share = { steps: 4, rows: 4, episodes: [[1, 4, true, '']], weights: ++seq };
    await worker.send(experience(welcome, seq, share), rows(welcome, column, value));
    await episode;
  };
  const first = loop.runEpisode(() => {});
  const welcome = await worker.join();
  await worker.send(
    experience(welcome, ++seq, { steps: 4, rows: 4, episodes: [[1, 4, true, '']], weights: 1 }),
    rows(welcome, null, 0),
  );
  await first;
  for (const { name, ranges } of ranged(welcome.layout))
    for (const { low, high } of ranges)
      for (const value of [low, high]) {
        await learn(welcome, name, value);
        expect(losses.splice(0).every(Number.isFinite), `${name} ${value}`).toBe(true);
      }
}

test('off-policy training survives the largest numbers that are let in', async () => {
  await expectLearnsAtBounds(await openOffPolicy());
});

test('on-policy training survives the largest numbers that are let in', async () => {
  await expectLearnsAtBounds(await openOnPolicy());
});

test('WorkerHub tells an expelled worker why, and does not welcome it again', async () => {
  const { hub, address, lost } = await openHub();
  hub.start({ run: 'this-run', random: true, layout: LAYOUT });
  const liar = new BareWorker(address);
  const welcome = await liar.join({ worker: 'liar' });
  await liar.send(experience(welcome, 1), row(0, 2e6));
  expect((await liar.next('refused')).text).toBe(
    'it was expelled: number 1 of "x" in row 0 is 2000000, not a number between -1000000 and 1000000.',
  );
  expect(lost).toEqual(['0 expelled']);
  const again = new BareWorker(address);
  await again.send({ ...HELLO, worker: 'liar' });
  expect((await again.next('refused')).text).toContain('it was expelled');
  expect(hub.refusals.toJSON()).toEqual({ 'out of range': 1, expelled: 1 });
  expect(hub.expulsions.toJSON()).toMatchObject({ total: 1, last: [{ index: 0, host: 'here', pid: 1 }] });
});

test('checkRanges refuses actions that are no integers of the space, and observations outside of it', () => {
  const spaces = { observationSpace: box([-1, -Infinity], [1, Infinity]), actionSpace: discrete(3) };
  const layout = rangedRollouts(
    [
      { name: 'actions', width: 1 },
      { name: 'observations', width: 2 },
    ],
    spaces,
  );
  const check = (actions: number[], observations: number[]) =>
    checkRanges({ actions: Float32Array.from(actions), observations: Float32Array.from(observations) }, layout);
  check([0, 2], [1.0005, 9e5, -1, -9e5]);
  expect(() => check([0, 3], [0, 0, 0, 0])).toThrow(
    'number 0 of "actions" in row 1 is 3, not an integer between 0 and 2',
  );
  expect(() => check([0.5, 2], [0, 0, 0, 0])).toThrow('row 0 is 0.5');
  expect(() => check([0, 0], [0, 0, 1.01, 0])).toThrow('number 0 of "observations" in row 1');
  expect(() => check([0, 0], [0, 0, 0, -2e6])).toThrow('number 1 of "observations" in row 1');
});
