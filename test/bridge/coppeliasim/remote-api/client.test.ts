import { expect, test } from 'vitest';
import {
  connectRemoteApi,
  RemoteApiClosedError,
  RemoteApiError,
} from '../../../../src/bridge/coppeliasim/remote-api/index.ts';
import { ProtocolVersionError, SimulatorLostError, SimulatorTimeoutError } from '../../../../src/bridge/errors.ts';
import { UsageError } from '../../../../src/common/errors.ts';
import { type Answer, fine, startPeer } from './peer.ts';
import type { Request } from './recording.ts';

async function connected(
  answer?: (request: Request, index: number, raw: Uint8Array) => Answer | Promise<Answer>,
  options = {},
) {
  const peer = await startPeer(answer);
  const client = await connectRemoteApi({ address: peer.address, ...options });
  const called = () => peer.requests.map(({ func, args }) => (func === 'sim.echo' ? args[0] : func));
  const end = async () => {
    await client.close();
    peer.close();
  };
  return { peer, client, called, end };
}

const later = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

test('the first request, and it alone, says the version and how long to remember the client', async () => {
  const { peer, client, end } = await connected(() => fine, { clientTimeout: 12 });
  await client.call('sim.echo', [1]);
  const [first, second] = peer.requests;
  expect(first).toMatchObject({ func: 'zmqRemoteApi.require', args: ['sim'], argsL: 1, ver: 2, timeout: 12 });
  expect(Object.keys(second ?? {}).sort()).toEqual(['args', 'argsL', 'func', 'uuid']);
  expect(second?.uuid).toBe(first?.uuid);
  await end();
});

test('concurrent callers are served in the order they called', async () => {
  const { client, called, end } = await connected(async ({ args }) => {
    await later(Number(args[0]) % 3);
    return { ret: [args[0]] };
  });
  const numbers = Array.from({ length: 50 }, (_, i) => i);
  const results = await Promise.all(numbers.map(i => client.call('sim.echo', [i])));
  expect(results).toEqual(numbers.map(i => [i]));
  expect(called().slice(1)).toEqual(numbers);
  await end();
});

test('an aborted call leaves the queue and is never sent', async () => {
  const { client, called, end } = await connected(async ({ args }) => {
    await later(20);
    return { ret: args };
  });
  const abort = new AbortController();
  const first = client.call('sim.echo', ['first']);
  const second = client.call('sim.echo', ['second'], { signal: abort.signal });
  const third = client.call('sim.echo', ['third']);
  const reason = new Error('not wanted any more');
  abort.abort(reason);
  await expect(second).rejects.toBe(reason);
  expect(await first).toEqual(['first']);
  expect(await third).toEqual(['third']);
  expect(called()).toEqual(['zmqRemoteApi.require', 'first', 'third']);
  await expect(client.call('sim.echo', ['late'], { signal: abort.signal })).rejects.toBe(reason);
  expect(called()).not.toContain('late');
  await end();
});

test('aborting the call under way gives up at once, and the next one works', async () => {
  let hang = true;
  const address = 'tcp://127.0.0.1:*';
  const peer = await startPeer(async ({ func }) => {
    if (func === 'sim.echo' && hang) await later(3_000);
    return { ret: [hang] };
  }, address);
  const client = await connectRemoteApi({ address: peer.address });
  const abort = new AbortController();
  const call = client.call('sim.echo', [], { signal: abort.signal });
  await later(50);
  const start = performance.now();
  abort.abort();
  await expect(call).rejects.toBe(abort.signal.reason);
  expect(performance.now() - start).toBeLessThan(2_000);
  hang = false;
  expect(await client.call('sim.echo')).toEqual([false]);
  // Another session, which ended the one that was in the middle of a call.
  const [first] = peer.requests;
  const ended = peer.requests.find(({ func }) => func === '_*end*_');
  expect(ended?.uuid).toBe(first?.uuid);
  expect(peer.requests.at(-1)?.uuid).not.toBe(first?.uuid);
  expect(peer.requests.at(-1)?.ver).toBe(2);
  await client.close();
  peer.close();
});

test('time spent waiting for others counts', async () => {
  const { client, called, end } = await connected(async ({ func }) => {
    if (func === 'sim.echo') await later(400);
    return fine;
  });
  const first = client.call('sim.echo', ['first']);
  await expect(client.call('sim.echo', ['second'], { timeout: 0.1 })).rejects.toThrow(/calls before this one/);
  await first;
  expect(called()).not.toContain('second');
  await end();
});

test('what is undefined at the end was not given; null in between is', async () => {
  const { peer, client, end } = await connected();
  await client.call('sim.getObjectPosition', [5, undefined]);
  await client.call('sim.setShapeColor', [5, undefined, 0, null]);
  expect(peer.requests.slice(1).map(({ args, argsL }) => [args, argsL])).toEqual([
    [[5], 1],
    [[5, null, 0, null], 4],
  ]);
  await end();
});

test('waits are answered until there is a result, repeats with the same request', async () => {
  let waits = 5;
  let repeats = 3;
  const { peer, client, called, end } = await connected(({ func }) => {
    if (func === 'sim.step' && repeats-- > 0) return { func: '_*repeat*_', args: {} };
    if (func !== 'zmqRemoteApi.require' && waits-- > 0) return { func: '_*wait*_', args: {} };
    return { ret: ['done'] };
  });
  expect(await client.call('sim.step')).toEqual(['done']);
  expect(called().slice(1)).toEqual([...Array(4).fill('sim.step'), ...Array(5).fill('_*executed*_')]);
  // `_*executed*_` as the official client sends it: an empty list of no results.
  expect(peer.requests.at(-1)).toMatchObject({ args: [], argsL: 0 });
  await end();
});

test('a simulator that only ever says wait is given up in time', async () => {
  const { client, end } = await connected(({ func }) =>
    func === 'zmqRemoteApi.require' ? fine : { func: '_*wait*_', args: {} },
  );
  const start = performance.now();
  await expect(client.call('sim.step', [], { timeout: 0.5 })).rejects.toThrow(SimulatorTimeoutError);
  expect((performance.now() - start) / 1000).toBeLessThan(2);
  await end();
});

test('a callback may call the simulator, which may call back again', async () => {
  // sim.outer calls the function it is given, sim.inner too; both return what it returned.
  const results: unknown[] = [];
  const { client, called, end } = await connected(({ func, args }) => {
    if (func === 'sim.outer' || func === 'sim.inner')
      return { func: String(args[0]).replace('@func', ''), args: [func, 1] };
    if (func === '_*executed*_') {
      results.push(args);
      return { ret: args };
    }
    return { ret: [func === 'sim.echo' ? args[0] : null] };
  });
  const outcome = await client.call('sim.outer', [
    async (...outer: unknown[]) => {
      const [echo] = await client.call('sim.echo', ['nested']);
      const [inner] = await client.call('sim.inner', [(name: unknown) => client.call('sim.echo', [`${name} again`])]);
      return [outer, echo, inner];
    },
  ]);
  expect(outcome).toEqual([['sim.outer', 1], 'nested', 'sim.inner again']);
  expect(called().slice(1)).toEqual([
    'sim.outer',
    'nested',
    'sim.inner',
    'sim.inner again',
    '_*executed*_',
    '_*executed*_',
  ]);
  expect(results).toEqual([['sim.inner again'], outcome]);
  await end();
});

test('a caller that is not the callback waits until the call is through', async () => {
  const order: string[] = [];
  const { client, end } = await connected(({ func, args }) => {
    if (func === 'sim.outer') return { func: String(args[0]).replace('@func', ''), args: {} };
    order.push(func);
    return { ret: args };
  });
  let inside: () => void = () => {};
  const entered = new Promise<void>(resolve => {
    inside = resolve;
  });
  const outer = client.call('sim.outer', [
    async () => {
      inside();
      await later(50);
      await client.call('sim.nested');
    },
  ]);
  await entered;
  await Promise.all([outer, client.call('sim.other')]);
  expect(order.slice(1)).toEqual(['sim.nested', '_*executed*_', 'sim.other']);
  await end();
});

test('what a callback throws reaches the caller, after the simulator was told to go on', async () => {
  const { client, called, end } = await connected(({ func, args }) =>
    func === 'sim.outer' ? { func: String(args[0]).replace('@func', ''), args: [] } : { ret: [1] },
  );
  const failure = new Error('the callback failed');
  await expect(
    client.call('sim.outer', [
      () => {
        throw failure;
      },
    ]),
  ).rejects.toBe(failure);
  expect(called().slice(1)).toEqual(['sim.outer', '_*executed*_']);
  expect(await client.call('sim.echo', [1])).toEqual([1]);
  await end();
});

test('a function is found among the parts of an argument, and refused where the simulator would not find it', async () => {
  const { peer, client, end } = await connected();
  const callback = () => 1;
  await client.call('sim.moveToConfig', [{ callback, maxVel: [1] }, [callback]]);
  expect(peer.requests.at(-1)?.args).toEqual([{ callback: 'cb_1@func', maxVel: [1] }, ['cb_1@func']]);
  await expect(client.call('sim.test', [[...Array(16).fill(0), callback]])).rejects.toThrow(UsageError);
  await expect(client.call('sim.test', [{ deep: { deeper: callback } }])).rejects.toThrow(UsageError);
  await end();
});

test('functions the client does not know are answered with nothing', async () => {
  const { peer, client, end } = await connected(({ func }) =>
    func === 'sim.echo' ? { func: 'onClick', args: [1] } : { ret: [2] },
  );
  expect(await client.call('sim.echo')).toEqual([2]);
  expect(peer.requests.at(-1)).toMatchObject({ func: '_*executed*_', args: [] });
  await end();
});

test('stepping holds, steps, and always lets go', async () => {
  let level = 0;
  const { client, called, end } = await connected(({ func, args }) => {
    if (func !== 'sim.setStepping') return fine;
    const before = level;
    level = Math.max(0, level + (args[0] ? 1 : -1));
    return { ret: [before] };
  });
  expect(
    await client.stepping(async scope => {
      expect(level).toBe(1);
      await client.stepping(async () => expect(level).toBe(2));
      await scope.step();
      return 'result';
    }),
  ).toBe('result');
  expect(level).toBe(0);
  expect(called().slice(1)).toEqual([
    ...Array(2).fill('sim.setStepping'),
    'sim.setStepping',
    'sim.step',
    'sim.setStepping',
  ]);
  const failure = new Error('in the body');
  await expect(
    client.stepping(async () => {
      throw failure;
    }),
  ).rejects.toBe(failure);
  expect(level).toBe(0);
  await end();
});

test('stepping whose connection is lost says so, and ends what it held', async () => {
  const { peer, client, end } = await connected(({ func }) => {
    if (func === 'sim.setStepping') return { ret: [0] };
    return func === 'sim.break' ? Buffer.from('ff', 'hex') : fine;
  });
  const [first] = peer.requests;
  await expect(
    client.stepping(async scope => {
      await client.call('sim.break').catch(() => {});
      await scope.step();
    }),
  ).rejects.toThrow(SimulatorLostError);
  expect(peer.requests.some(({ func, uuid }) => func === '_*end*_' && uuid === first?.uuid)).toBe(true);
  expect(peer.requests.some(({ func }) => func === 'sim.step')).toBe(false);
  await end();
});

test('while it holds steps, an idle client keeps itself in mind', async () => {
  const { client, called, end } = await connected(
    ({ func }) => (func === 'sim.setStepping' ? { ret: [0] } : { ret: [0] }),
    { clientTimeout: 1 },
  );
  await client.stepping(() => later(1100));
  const kept = called().filter(func => func === 'sim.getSimulationState').length;
  expect(kept).toBeGreaterThan(0);
  await later(500);
  expect(called().filter(func => func === 'sim.getSimulationState')).toHaveLength(kept);
  await end();
});

test('closing fails what is under way and what waits, takes leave, and refuses more', async () => {
  const { peer, client } = await connected(async ({ func }) => {
    if (func === 'sim.echo') await later(100);
    return fine;
  });
  const calls = [client.call('sim.echo', [1]), client.call('sim.echo', [2])];
  const outcomes = Promise.allSettled(calls);
  await later(20);
  await client.close();
  await client.close();
  for (const outcome of await outcomes)
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(RemoteApiClosedError) });
  await expect(client.call('sim.echo')).rejects.toThrow(RemoteApiClosedError);
  expect(peer.requests.at(-1)?.func).toBe('_*end*_');
  expect(peer.requests.at(-1)?.uuid).toBe(peer.requests[0]?.uuid);
  peer.close();
});

test('constants are asked for by name, once', async () => {
  const { client, called, end } = await connected(({ func, args }) =>
    func === 'zmqRemoteApi.info' ? { ret: [args[0] === 'sim.handle_all' ? -2 : {}] } : fine,
  );
  expect(await client.constant('sim.handle_all')).toBe(-2);
  expect(await client.constant('sim.handle_all')).toBe(-2);
  expect(called()).toHaveLength(2);
  await expect(client.constant('sim.getObject')).rejects.toThrow(/no constant/);
  await end();
});

test('servers of version 1 are refused by name, and so are those that take us for one', async () => {
  // What the add-on of CoppeliaSim 4.3 to 4.5 answers to any request.
  const older = await startPeer(() => ({ success: true, ret: [] }));
  await expect(connectRemoteApi({ address: older.address })).rejects.toThrow(
    /version 1 of the ZeroMQ remote API.*4\.5\.1 and earlier.*4\.6 or later/,
  );
  older.close();
  const other = await startPeer(() => ({
    success: false,
    error: "The client ZeroMQ remote API version does not match CoppeliaSim's version",
  }));
  await expect(connectRemoteApi({ address: other.address })).rejects.toThrow(ProtocolVersionError);
  other.close();
});

test('errors from scripts keep their traceback, and nothing that plays with a terminal', async () => {
  const text =
    '[string "/script@customizationScript"]:12: in sim.getObject: bad \u001b[31mthing_=NL=_stack traceback:_=NL=__=TB=_[C]: in ?';
  const { client, end } = await connected(({ func }) => (func === 'sim.echo' ? { err: text } : fine));
  const error: unknown = await client.call('sim.echo').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RemoteApiError);
  expect(error).toMatchObject({
    message: 'Calling sim.echo() failed: bad ?[31mthing (in sim.getObject)',
    code: 12,
    functionName: 'sim.getObject',
    traceback: 'stack traceback:\n\t[C]: in ?',
  });
  await end();
});

test('options are checked, addresses too', async () => {
  await expect(connectRemoteApi({ address: 'localhost' })).rejects.toThrow(/tcp:\/\/127\.0\.0\.1:23000/);
  await expect(connectRemoteApi({ timeout: -1 })).rejects.toThrow(UsageError);
});
