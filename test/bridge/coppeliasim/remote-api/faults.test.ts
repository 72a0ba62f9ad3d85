import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { connectRemoteApi } from '../../../../src/bridge/coppeliasim/remote-api/index.ts';
import { MessageError, SimulatorLostError, SimulatorTimeoutError } from '../../../../src/bridge/errors.ts';
import { fine, startPeer } from './peer.ts';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Runs one of the programs beside this file; resolves with the first line it prints. */
async function start(file: string, ...args: string[]): Promise<{ child: ChildProcess; line: string }> {
  const path = new URL(file, import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  for await (const line of lines) return { child, line };
  throw new Error(`${file} ended before it said anything`);
}

/** Seconds until a promise is settled. */
async function seconds(promise: Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await promise.catch(() => {});
  return (performance.now() - begin) / 1000;
}

test('nothing listens: known after the connection timeout, 0.5 s, and said so', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as { port: number }; // TCP has one.
  await new Promise(resolve => server.close(resolve));
  const connecting = connectRemoteApi({ address: `tcp://127.0.0.1:${port}`, connectTimeout: 0.5 });
  expect(await seconds(connecting)).toBeLessThan(2);
  await expect(connecting).rejects.toThrow(SimulatorTimeoutError);
  await expect(connecting).rejects.toThrow(
    /no reply came within [\d.]+ s \((nothing listens there|no connection came about)\)/,
  );
});

test('something else listens there and never says a word: the same', async () => {
  const server = createServer(socket => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as { port: number }; // TCP has one.
  const connecting = connectRemoteApi({ address: `tcp://127.0.0.1:${port}`, connectTimeout: 0.5 });
  expect(await seconds(connecting)).toBeLessThan(2);
  await expect(connecting).rejects.toThrow(/no connection came about/);
  server.close();
});

test('never answers: each call fails after its own timeout, and is not waited for again', async () => {
  const peer = await startPeer(({ func }) => (func === 'zmqRemoteApi.require' ? fine : null));
  const client = await connectRemoteApi({ address: peer.address, timeout: 0.5 });
  for (let i = 0; i < 3; i++) {
    const call = client.call('sim.getObject', ['/target']);
    expect(await seconds(call)).toBeLessThan(2);
    await expect(call).rejects.toThrow(SimulatorTimeoutError);
  }
  expect(await seconds(client.close())).toBeLessThan(3);
  peer.close();
});

test('dies in the middle of a call: known at once, not after 30 s; the next call finds it when it is back', async () => {
  const peer = await startPeer(({ func }) => {
    if (func === 'sim.loadScene') peer.close();
    return fine;
  });
  const client = await connectRemoteApi({ address: peer.address });
  const call = client.call('sim.loadScene', ['scene.ttt']);
  expect(await seconds(call)).toBeLessThan(2);
  await expect(call).rejects.toThrow(SimulatorLostError);
  await expect(call).rejects.toThrow(/broke off/);
  const back = await startPeer(() => ({ ret: ['back'] }), peer.address);
  expect(await client.call('sim.getObject', ['/target'])).toEqual(['back']);
  // It does not know us: version and timeout are said again, under another name.
  const asked = back.requests.find(({ func }) => func === 'sim.getObject');
  expect(asked).toMatchObject({ ver: 2, timeout: 30 });
  expect(asked?.uuid).not.toBe(peer.requests[0]?.uuid);
  await client.close();
  back.close();
});

test('dies and comes back between two calls: its successor is found, without anything to do about it', async () => {
  const peer = await startPeer();
  const client = await connectRemoteApi({ address: peer.address });
  peer.close();
  const back = await startPeer(() => ({ ret: ['back'] }), peer.address);
  // A call that is made before the loss is noticed may still fail by it.
  const ask = () => client.call('sim.getObject', ['/target'], { timeout: 10 }).catch((error: unknown) => error);
  await expect.poll(ask, { timeout: 15_000 }).toEqual(['back']);
  await client.close();
  back.close();
});

test('answers garbage: an error that says so, and the next call works', async () => {
  let garbage: Uint8Array | undefined;
  const peer = await startPeer(() => garbage ?? { ret: [7] });
  const client = await connectRemoteApi({ address: peer.address });
  for (const answer of ['', 'ff', '00', '80', 'a0', 'a16372657405', '47455420', 'a16466756e6305']) {
    garbage = Buffer.from(answer, 'hex');
    await expect(client.call('sim.getObject'), answer).rejects.toThrow(MessageError);
    garbage = undefined;
    expect(await client.call('sim.getObject')).toEqual([7]);
  }
  await client.close();
  peer.close();
});

test('answers more than is allowed: the connection breaks off, and memory is not filled', async () => {
  const peer = await startPeer(({ func }) => (func === 'sim.getMesh' ? { ret: [new Uint8Array(1 << 20)] } : fine));
  const client = await connectRemoteApi({ address: peer.address, maxReplyBytes: 1 << 16 });
  const call = client.call('sim.getMesh');
  expect(await seconds(call)).toBeLessThan(2);
  await expect(call).rejects.toThrow(/longer than 65536 bytes/);
  expect(await client.call('sim.getObject')).toEqual([]);
  await client.close();
  peer.close();
});

test('freezes, as a debugger or a full machine makes it: bounded by the call, 1 s; works when it goes on', async () => {
  const { child, line: address } = await start('./peer-process.ts', 'tcp://127.0.0.1:*');
  const client = await connectRemoteApi({ address });
  expect(await client.call('sim.getObject')).toEqual([child.pid]);
  child.kill('SIGSTOP');
  const call = client.call('sim.getObject', [], { timeout: 1 });
  expect(await seconds(call)).toBeLessThan(3);
  await expect(call).rejects.toThrow(SimulatorTimeoutError);
  child.kill('SIGCONT');
  expect(await client.call('sim.getObject', [], { timeout: 10 })).toEqual([child.pid]);
  await client.close();
});

test('is killed in the middle of a freeze: known at once, and its successor is found', async () => {
  const { child, line: address } = await start('./peer-process.ts', 'tcp://127.0.0.1:*');
  const client = await connectRemoteApi({ address });
  child.kill('SIGSTOP');
  const call = client.call('sim.getObject');
  setTimeout(() => child.kill('SIGKILL'), 200);
  expect(await seconds(call)).toBeLessThan(5);
  await expect(call).rejects.toThrow(SimulatorLostError);
  const next = await start('./peer-process.ts', address);
  expect(await client.call('sim.getObject', [], { timeout: 20 })).toEqual([next.child.pid]);
  await client.close();
});

test('two clients of one simulator: the failure of one is nothing to the other', async () => {
  const peer = await startPeer(({ func }) => (func === 'sim.bad' ? Buffer.from('ff', 'hex') : { ret: [1] }));
  const [one, two] = await Promise.all([
    connectRemoteApi({ address: peer.address }),
    connectRemoteApi({ address: peer.address }),
  ]);
  const calls = await Promise.allSettled([one.call('sim.bad'), two.call('sim.good'), one.call('sim.good')]);
  expect(calls.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(new Set(peer.requests.map(({ uuid }) => uuid)).size).toBe(3);
  await one.close();
  await two.close();
  peer.close();
});
