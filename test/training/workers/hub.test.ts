import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { encodeEnvelope, LIMITS, newKeys } from '../../../src/training/bus/index.ts';
import { temporaryFolder } from '../run-files.ts';
import { BareWorker, experience, HELLO, LAYOUT, openHub, row, until } from './bare-worker.ts';

const START = { run: 'this-run', random: true, layout: LAYOUT };

test('a worker that comes early is welcomed once the learner is ready, and each gets seeds of its own', async () => {
  const { hub, address } = await openHub();
  const early = new BareWorker(address);
  await early.send(HELLO);
  await new Promise(done => setTimeout(done, 200));
  expect(early.heard).toEqual([]);
  hub.start(START);
  const first = await early.next('welcome');
  const second = await new BareWorker(address).join({ worker: 'other' });
  expect(first).toMatchObject({ run: 'this-run', index: 0, received: 0, chunk: 4, window: 8, random: true });
  expect(second.index).toBe(1);
  expect(second.seed).not.toBe(first.seed);
});

test('each message is taken once and in order, whatever is sent again, and what is missing is asked for', async () => {
  const { hub, address } = await openHub();
  hub.start(START);
  const worker = new BareWorker(address);
  const welcome = await worker.join();
  const send = (seq: number) => worker.send(experience(welcome, seq), row(seq, 0));
  await send(1);
  await send(1);
  await send(3);
  expect(await worker.next('ack', ({ gap }) => gap)).toMatchObject({ accepted: 1, received: 0, durable: 0 });
  await send(2);
  await send(3);
  await send(2);
  await until(() => hub.roster.duplicates === 2, 'two duplicates');
  const taken: number[] = [];
  for (let next = hub.take(); next !== null; next = hub.take()) {
    taken.push(next.columns.x?.[0] ?? Number.NaN);
    hub.roster.get(next.worker)?.take(next.seq);
    hub.acknowledge(next);
  }
  expect(taken).toEqual([1, 2, 3]);
  expect(await worker.next('ack', ({ received }) => received === 3)).toMatchObject({ accepted: 3, durable: 0 });
});

test('a worker learns what is on disk only after the state that holds it was saved', async () => {
  const { hub, address } = await openHub();
  hub.start(START);
  const worker = new BareWorker(address);
  const welcome = await worker.join();
  for (const seq of [1, 2]) await worker.send(experience(welcome, seq), row(seq, 0));
  await until(() => hub.roster.get('bare')?.accepted === 2, 'both messages');
  const take = () => {
    const arrived = hub.take();
    if (arrived !== null) hub.roster.get(arrived.worker)?.take(arrived.seq);
  };
  take();
  const state = hub.roster.getState();
  take();
  hub.markSaved();
  expect(await worker.next('ack', ({ durable }) => durable > 0)).toMatchObject({ received: 2, durable: 1 });

  // The learner dies, and another goes on from that state: the worker is told what to send again.
  const next = await openHub();
  next.hub.roster.setState(state);
  next.hub.start(START);
  const again = new BareWorker(next.address);
  expect(await again.join({ run: 'this-run' })).toMatchObject({ index: 0, received: 1 });
});

test('the newest weights reach a worker, and none between while older ones are on their way', async () => {
  const { hub, address } = await openHub();
  hub.start(START);
  const worker = new BareWorker(address);
  const { run, session } = await worker.join();
  for (const version of [1, 2, 3]) hub.publish(version, { actor: Float32Array.of(version) });
  expect((await worker.next('weights')).version).toBe(1);
  await worker.send({ kind: 'got', run, session, version: 1 });
  expect((await worker.next('weights')).version).toBe(3);
  await worker.send({ kind: 'got', run, session, version: 3 });
  await until(() => hub.routes.oldestWeights === 3, 'the third version in use');
  expect(worker.heard.filter(({ kind }) => kind === 'weights')).toEqual([]);
  // Who joins later begins with them.
  const late = new BareWorker(address);
  expect((await late.join({ worker: 'late' })).random).toBe(false);
  expect((await late.next('weights')).version).toBe(3);
});

test('garbage, oversized, foreign and played-back messages are counted, told of once, and change nothing', async () => {
  const { hub, warnings, address } = await openHub();
  hub.start(START);
  const worker = new BareWorker(address);
  const welcome = await worker.join();
  await worker.send(experience(welcome, 1), row(1, 0));
  await until(() => hub.roster.get('bare')?.accepted === 1, 'the first message');

  const stranger = new BareWorker(address);
  for (let i = 0; i < 3; i++) await stranger.send(Buffer.from('garbage'));
  await stranger.send(Buffer.alloc(LIMITS.envelope + 1));
  await stranger.send(encodeEnvelope(experience(welcome, 2) as never), row(2, 0), row(3, 0));
  await stranger.send(experience({ ...welcome, run: 'another' }, 2), row(2, 0));
  // A message of the worker's own, recorded and sent again from elsewhere, with its hello and without.
  await stranger.send(experience(welcome, 2), row(2, 0));
  expect(await stranger.next('unknown')).toEqual({ kind: 'unknown' });
  const recorded = await stranger.join();
  expect(recorded.session).not.toBe(welcome.session);
  await stranger.send(experience(welcome, 2), row(2, 0));
  // And those who may not join.
  await stranger.send({ ...HELLO, worker: 'spy', secret: 'guess' });
  await stranger.next('refused', ({ text }) => text.includes('may not join'));
  await stranger.send({ ...HELLO, worker: 'old', protocol: 0 });
  await stranger.next('refused', ({ text }) => text.includes('version 0'));
  await stranger.send({ ...HELLO, worker: 'lost', run: 'another' });
  await stranger.next('refused', ({ text }) => text.includes('this-run'));

  // A worker whose name would be no key.
  await new BareWorker(address).send({ ...HELLO, worker: '$name' });
  await until(() => hub.refusals.total === 12, 'all of it refused');
  expect(hub.refusals.toJSON()).toEqual({
    garbage: 5,
    oversized: 1,
    'foreign run': 2,
    'unknown session': 2,
    unauthorized: 1,
    protocol: 1,
  });
  expect(warnings).toHaveLength(6);
  expect(hub.roster.get('bare')).toMatchObject({ accepted: 1, duplicates: 0 });
  expect(hub.take()?.seq).toBe(1);
  expect(hub.take()).toBeNull();
  // The worker itself goes on.
  await worker.send(experience(welcome, 2), row(2, 0));
  await until(() => hub.roster.get('bare')?.accepted === 2, 'the next message');
});

test('a frame beyond the limit breaks the connection that sent it, and no other', async () => {
  const { hub, address } = await openHub();
  hub.start(START);
  const worker = new BareWorker(address);
  const welcome = await worker.join();
  const stranger = new BareWorker(address);
  const before = await stranger.join({ worker: 'stranger' });
  await stranger.send(Buffer.from('x'), new Uint8Array(LIMITS.frame + 1));
  // Over its next connection it is nobody; the large message was never taken in.
  await until(() => {
    void stranger.send(experience(before, 1), row(1, 0));
    return stranger.heard.some(({ kind }) => kind === 'unknown');
  }, 'the connection broken');
  await worker.send(experience(welcome, 1), row(1, 0));
  await until(() => hub.roster.get('bare')?.accepted === 1, 'the message of the other');
  expect(hub.refusals.toJSON()).not.toHaveProperty('oversized');
  expect(hub.refusals.toJSON()).not.toHaveProperty('garbage');
});

test('who sends more than there is room for is not listened to, so that memory stays bounded', async () => {
  const { hub, address } = await openHub({ window: 8 });
  hub.start(START);
  const worker = new BareWorker(address);
  const welcome = await worker.join();
  for (let seq = 1; seq <= 50; seq++) await worker.send(experience(welcome, seq), row(seq, 0));
  await until(() => hub.refusals.total === 41, 'all but nine refused');
  let taken = 0;
  while (hub.take() !== null) taken++;
  expect(taken).toBe(9);
});

test('a silent worker is given up, and is welcome again', async () => {
  const { hub, lost, address } = await openHub({ deadline: 300 });
  hub.start(START);
  const worker = new BareWorker(address);
  const welcome = await worker.join();
  await until(() => lost.length > 0, 'the worker given up');
  expect(lost).toEqual(['0 silent']);
  await worker.send(experience(welcome, 1), row(1, 0));
  await worker.next('unknown');
  expect(await worker.join({ run: welcome.run })).toMatchObject({ index: 0 });
});

test('a learner that stood still itself does not think that its workers did', async () => {
  const { hub, lost, address } = await openHub({ deadline: 400 });
  hub.start(START);
  await new BareWorker(address).join();
  const end = performance.now() + 1_500;
  while (performance.now() < end);
  await new Promise(done => setTimeout(done, 200));
  expect(lost).toEqual([]);
  await until(() => lost.length > 0, 'the worker, silent from then on, given up');
});

test('a worker that claims another one’s process is not taken for it', async () => {
  const { hub, address } = await openHub();
  hub.start(START);
  await new BareWorker(address).join({ worker: 'impostor', host: hostname(), pid: 4711 });
  await new BareWorker(address).join({ worker: 'local', host: hostname(), pid: 4711 });
  hub.forget('local');
  expect(hub.routes.health().map(({ name }) => name)).toEqual(['impostor']);
});

test('a worker that is connected is never forgotten, however many come and go', async () => {
  const { hub, address } = await openHub();
  hub.start(START);
  const worker = new BareWorker(address);
  const welcome = await worker.join();
  for (let i = 0; i < 5_000; i++) hub.roster.enlist(`passer-by-${i}`, name => name === 'bare');
  await worker.send(experience(welcome, 1), row(1, 0));
  await until(() => hub.roster.get('bare')?.accepted === 1, 'its message');
});

test('an ipc address that somebody listens on is not taken away from them, and its file goes with them', async () => {
  const address = `ipc://${join(temporaryFolder(), 'bus')}`;
  const { hub } = await openHub({ address });
  await expect(openHub({ address })).rejects.toThrow('somebody else listens there');
  await hub.close();
  expect(existsSync(address.slice('ipc://'.length))).toBe(false);
  await openHub({ address });
});

test('a worker that leaves says so, and the learner sends everybody home', async () => {
  const { hub, lost, address } = await openHub();
  hub.start(START);
  const [one, two] = [new BareWorker(address), new BareWorker(address)];
  const { run, session } = await one.join();
  await two.join({ worker: 'two' });
  await one.send({ kind: 'leave', run, session, reason: 'failed', text: 'no more' });
  await until(() => lost.length > 0, 'the worker gone');
  expect(lost).toEqual(['0 failed']);
  hub.dismiss('enough');
  expect((await two.next('bye')).text).toBe('enough');
});

test('beyond this machine only those with the right key are heard; the local door stays open to who has the secret', async () => {
  const keys = newKeys();
  const { secret } = keys.learner;
  // Every address of this machine, so that the public door is reached through one of them.
  const { hub, address } = await openHub({ address: 'tcp://0.0.0.0:*', keys: keys.learner, secret });
  hub.start(START);
  const port = hub.addresses.address.split(':').at(-1);
  const door = `tcp://127.0.0.1:${port}`;
  expect(address).not.toBe(door);
  expect(await new BareWorker(door, keys.worker).join({ secret, worker: 'keyed' })).toMatchObject({ index: 0 });
  expect(await new BareWorker(address).join({ secret, worker: 'local' })).toMatchObject({ index: 1 });

  // The learner's public key and the secret are not enough.
  const forged = { ...newKeys().worker, peerPublicKey: keys.learner.publicKey };
  const stranger = new BareWorker(door, forged);
  void stranger.send({ ...HELLO, secret, worker: 'forged' });
  const refused = () => hub.refusals.toJSON().unauthorized ?? 0;
  await until(() => refused() > 0, 'the forged key refused');
  stranger.close();
  const before = refused();
  const plain = new BareWorker(door);
  void plain.send({ ...HELLO, secret, worker: 'plain' });
  await until(() => refused() > before, 'the one without keys refused');
  await new Promise(done => setTimeout(done, 500));
  expect([...stranger.heard, ...plain.heard]).toEqual([]);
  expect(hub.routes.health()).toHaveLength(2);
});
