import { expect, test } from 'vitest';
import {
  connectRemoteApi,
  decodeMessage,
  RemoteApiError,
} from '../../../../src/bridge/coppeliasim/remote-api/index.ts';
import { type Peer, startPeer } from './peer.ts';
import { type Exchange, readRecording, readRequest } from './recording.ts';

const chapters = readRecording();
const recording = [...chapters.values()].flat();

/** Plays the recording: each request must mean what the official client's meant, and is answered with the very bytes. */
async function startPlayer(): Promise<Peer & { readonly played: () => number }> {
  let next = 0;
  // The recorded client made a name of its own for its callback, as ours does.
  const names = (args: unknown[]) =>
    args.map(arg => (typeof arg === 'string' && arg.endsWith('@func') ? '@func' : arg));
  const peer = await startPeer(request => {
    const { send, recv } = recording[next++] as Exchange;
    const recorded = readRequest(send);
    expect({ func: request.func, args: names(request.args), argsL: request.argsL }).toEqual({
      func: recorded.func,
      args: names(recorded.args),
      argsL: recorded.argsL,
    });
    expect(request.ver).toBe(recorded.ver);
    if (recorded.func !== 'sim.testCB' && !recv.includes('cb_7f21512d0ea0')) return recv;
    // A callback's name is the client's own choice, so the one that the simulator calls has to be the client's.
    return Buffer.concat([recv.subarray(0, recv.indexOf('func') + 4), Buffer.from([0x60 + 4]), Buffer.from('cb_1')]);
  });
  return { ...peer, played: () => next };
}

test('a client that makes the recorded calls sends what the official one sent, and gets what it got', async () => {
  const player = await startPlayer();
  const client = await connectRemoteApi({ address: player.address });
  const functions: unknown[][] = [];
  const callback = (...args: unknown[]) => {
    functions.push(args);
    return Number(args[0]) + Number(args[1]);
  };
  // What the client answers to the simulator's own requests it does by itself.
  for (let i = 1; i < recording.length - 1; ) {
    const { send } = recording[i] as Exchange;
    const { func, args } = readRequest(send);
    const given = args.map(arg => (typeof arg === 'string' && arg.endsWith('@func') ? callback : arg));
    const outcome = await client.call(func, given).catch((error: unknown) => error);
    i = player.played();
    const { recv } = recording[i - 1] as Exchange;
    const recorded = decodeMessage(recv) as { ret?: unknown; err?: string };
    if (recorded.err === undefined) {
      // Nothing at all travels as an empty map.
      const values = Array.isArray(recorded.ret) ? recorded.ret : [];
      expect(outcome, func).toEqual(values);
    } else {
      expect(outcome, func).toBeInstanceOf(RemoteApiError);
      expect((outcome as RemoteApiError).message).toContain(recorded.err.replace(/^\d+: in [\w.]+: /, ''));
    }
  }
  expect(player.played()).toBe(recording.length - 1);
  // sim.testCB(21, callback, 21, 2) calls it twice, and once more for its result.
  expect(functions).toEqual([
    [21, 21],
    [21, 21],
    [21, 21],
  ]);
  await client.close();
  expect(player.requests.at(-1)?.func).toBe('_*end*_');
  player.close();
});

test('the values of the recording are those that the simulator meant', async () => {
  const player = await startPlayer();
  const client = await connectRemoteApi({ address: player.address });
  const results: unknown[] = [];
  for (let i = 1; i < recording.length - 1; i = player.played()) {
    const { func, args } = readRequest((recording[i] as Exchange).send);
    const given = args.map(arg => (typeof arg === 'string' && arg.endsWith('@func') ? () => 42 : arg));
    const values = await client.call(func, given).catch((error: unknown) => error);
    results.push([func, values]);
  }
  const of = (name: string) =>
    results.filter(result => (result as unknown[])[0] === name).map(r => (r as unknown[])[1]);
  // The object table of the same scene: the seven joints, the tip and the target, in this order.
  expect(of('sim.getObject').slice(0, 9)).toEqual([[17], [23], [25], [27], [29], [31], [33], [38], [65]]);
  // 4.10.0 is 41000: sim.intparam_program_version.
  expect(of('sim.getInt32Param')[0]).toEqual([41000]);
  // A half float, a single and a double, in this order.
  expect(of('sim.getSimulationTime')).toEqual([[0]]);
  expect(of('sim.getJointPosition')[0]).toEqual([Math.fround(-Math.PI / 2)]);
  expect(of('sim.getSimulationTimeStep')).toEqual([[0.05]]);
  // A flag and a list; an answer that is text, one that is bytes, an explicit nil, two results, a table.
  expect(of('sim.getJointInterval')).toEqual([[false, [Math.fround(-3.0503), Math.fround(6.1006)]]]);
  expect(of('sim.getStringSignal')).toEqual([['hello']]);
  expect(of('sim.getBufferSignal')).toEqual([[new Uint8Array(new Float64Array([1, -2.5, 3.25]).buffer)]]);
  expect(of('sim.callScriptFunction').slice(0, 5)).toEqual([
    [3],
    [new Uint8Array(new Float64Array([1.5, 2.5]).buffer)],
    [null],
    [1, 'x'],
    [{ a: 1, b: [1, 2, 3] }],
  ]);
  // Two signals: the one that was set, and one that is not there.
  expect(of('sim.getInt32Signal')).toEqual([[7], []]);
  await client.close();
  player.close();
});

test('errors are taken apart into what failed, where, and why', async () => {
  const player = await startPlayer();
  const client = await connectRemoteApi({ address: player.address });
  const errors: RemoteApiError[] = [];
  for (let i = 1; i < recording.length - 1; i = player.played()) {
    const { func, args } = readRequest((recording[i] as Exchange).send);
    const given = args.map(arg => (typeof arg === 'string' && arg.endsWith('@func') ? () => 42 : arg));
    await client.call(func, given).catch((error: RemoteApiError) => errors.push(error));
  }
  expect(
    errors.map(({ code, functionName, reason, traceback }) => ({ code, functionName, reason, traceback })),
  ).toEqual([
    {
      code: 1254,
      functionName: 'sim._getObject',
      reason: 'object does not exist, or alias/path is ill formatted.',
      traceback: null,
    },
    { code: null, functionName: 'sim.noSuchFunction', reason: 'No such function: sim.noSuchFunction', traceback: null },
    { code: 354, functionName: 'sim.getObjectPosition', reason: 'argument 1 is not a number.', traceback: null },
    { code: 354, functionName: 'sim.getObjectPosition', reason: 'object does not exist.', traceback: null },
    { code: 354, functionName: 'sim.callScriptFunction', reason: 'error in script function.', traceback: null },
  ]);
  await client.close();
  player.close();
});

test("require('sim') makes functions and constants of the recorded table", async () => {
  const [, info] = chapters.get('first contact') ?? [];
  const peer = await startPeer(({ func, args }) => {
    if (func === 'zmqRemoteApi.info') return (info as Exchange).recv;
    return { ret: func === 'sim.getObject' ? [args] : {} };
  });
  const client = await connectRemoteApi({ address: peer.address });
  const sim = await client.require('sim');
  // 674 functions and 1312 constants are in the recorded reply: 1,986 entries.
  expect(Object.keys(sim)).toHaveLength(1986);
  expect(Object.values(sim).filter(entry => typeof entry === 'function')).toHaveLength(674);
  expect(sim.handle_all).toBe(-2);
  expect(sim.jointintparam_dynctrlmode).toBe(2039);
  expect(await sim.getObject('/target')).toEqual(['/target']);
  expect(await sim.startSimulation()).toBeUndefined();
  expect(await client.require('sim')).toBe(sim);
  await client.close();
  peer.close();
});
