import { expect, test } from 'vitest';
import { encodeMessage } from '../../../src/bridge/coppeliasim/remote-api/index.ts';
import { ServerAddressError, ServerPortError } from '../../../src/bridge/remote-api-server/errors.ts';
import { remoteFunctions } from '../../../src/bridge/remote-api-server/functions/index.ts';
import { serveRemoteApi } from '../../../src/bridge/remote-api-server/index.ts';
import { Random } from '../../../src/common/random.ts';
import { RawClient, served } from './raw-client.ts';

const hex = (text: string) => Buffer.from(text, 'hex');

test('empty results travel as a map, floats at their smallest width, as CoppeliaSim has it', async () => {
  const client = new RawClient(await served());
  await client.ask('zmqRemoteApi.require', ['sim']);
  const bytes = async (func: string, ...args: unknown[]) =>
    (await client.exchange(encodeMessage({ func, args, uuid: client.uuid }))).toString('hex');
  // From the recording: void, 0.0, 0.05, the program's version, -1, true.
  expect(await bytes('sim.clearStringSignal', 'none')).toBe('a1637265748100');
  expect(await bytes('sim.getInt32Signal', 'none')).toBe('a163726574a0');
  expect(await bytes('sim.getSimulationTime')).toBe('a16372657481f90000');
  expect(await bytes('sim.getSimulationTimeStep')).toBe('a16372657481fb3fa999999999999a');
  expect(await bytes('sim.getInt32Param', 1)).toBe('a1637265748119a028');
  expect(await bytes('sim.getObject', '/NoSuchThing', { noError: true })).toBe('a1637265748120');
  expect(await bytes('sim.getBoolParam', 34)).toBe('a16372657481f5');
});

test('a request without uuid, or of another version, is told that versions do not match', async () => {
  const client = new RawClient(await served());
  const mismatch = { success: false, error: expect.stringContaining('version does not match') };
  const { decodeMessage } = await import('../../../src/bridge/coppeliasim/remote-api/index.ts');
  const answer = async (request: object) => decodeMessage(await client.exchange(encodeMessage(request)));
  expect(await answer({ func: 'sim.getObject', args: ['/target'] })).toEqual(mismatch);
  expect(await answer({ func: 'sim.getObject', args: ['/target'], uuid: 'a', ver: 1 })).toEqual(mismatch);
  expect(await answer({ func: 'sim.getObject', args: ['/target'], uuid: 'a' })).toEqual({ ret: [65] });
});

test('what does not exist is said in CoppeliaSim’s words', async () => {
  const client = new RawClient(await served());
  // From the recording, but for the last two: those functions were not called in it.
  expect(await client.ask('sim.getObject', ['/NoSuchThing'])).toEqual({
    err: '1254: in sim._getObject: object does not exist, or alias/path is ill formatted.',
  });
  expect(await client.ask('sim.noSuchFunction')).toEqual({
    err: expect.stringMatching(/^No such function: sim\.noSuchFunction\. /),
  });
  expect(await client.ask('sim.getObjectPosition', ['x'])).toEqual({
    err: '354: in sim.getObjectPosition: argument 1 is not a number.',
  });
  expect(await client.ask('sim.getObjectPosition', [999_999])).toEqual({
    err: '354: in sim.getObjectPosition: object does not exist.',
  });
  expect(await client.ask('sim.getJointPosition', [65])).toEqual({
    err: '354: in sim.getJointPosition: object is not a joint.',
  });
  expect(await client.ask('sim.getJointPosition')).toEqual({
    err: '354: in sim.getJointPosition: the function requires more arguments.',
  });
});

test('a name that is no text a line can hold comes back cleaned and bounded', async () => {
  const client = new RawClient(await served());
  const { err } = await client.ask(`sim.\u001b[31m${'x'.repeat(400)}`);
  expect(err).toMatch(/^No such function: sim\.\?\[31mx+\. /);
  expect((err as string).length).toBeLessThan(600);
});

test('names that belong to every object are no functions', async () => {
  const client = new RawClient(await served());
  for (const name of ['constructor', '__proto__', 'toString', 'sim.__proto__', 'sim.constructor'])
    expect((await client.ask(name)).err, name).toContain(`No such function: ${name}. `);
});

test('info lists the functions there are and CoppeliaSim’s constants, or one of them', async () => {
  const client = new RawClient(await served());
  const info = await client.value<Record<string, { func?: object; const?: number }>>('zmqRemoteApi.info', 'sim');
  expect(info.getObject).toEqual({ func: {} });
  expect(info.jointdynctrl_velocity).toEqual({ const: 4 });
  expect(info.handle_all).toEqual({ const: -2 });
  // CoppeliaSim's own functions are listed too, and say that they are not served when they are called.
  for (const [name, entry] of Object.entries(info)) {
    if (!entry.func) continue;
    const { err } = await client.ask(`sim.${name}`);
    if (!remoteFunctions.has(`sim.${name}`)) expect(err, name).toMatch(/not served .*; CoppeliaSim 4\.10 has it/);
    else expect(err ?? '', name).not.toContain('No such function');
  }
  for (const name of remoteFunctions.keys())
    if (name.startsWith('sim.')) expect(info, name).toHaveProperty([name.slice('sim.'.length)]);
  expect(await client.call('zmqRemoteApi.info', 'nope')).toEqual([null]);
  expect(await client.value('zmqRemoteApi.info', 'sim.handle_all')).toBe(-2);
  expect((await client.ask('zmqRemoteApi.require', ['simIK'])).err).toContain("module 'simIK' not found");
});

test('a callback is asked for, may call back itself, and its result is the call’s', async () => {
  const client = new RawClient(await served());
  // As in the recording: sim.testCB(21, cb, 21, 2) calls three times with (21, 21) and returns the last result.
  let reply = await client.ask('sim.testCB', [21, 'cb@func', 21, 2]);
  for (let i = 0; i < 3; i++) {
    expect(reply).toEqual({ func: 'cb', args: [21, 21] });
    expect(await client.value('sim.getObject', '/target')).toBe(65);
    const nested = await client.ask('sim.testCB', [1, 'inner@func', 2, 0]);
    expect(nested).toEqual({ func: 'inner', args: [1, 2] });
    expect(await client.ask('_*executed*_', ['in'])).toEqual({ ret: ['in'] });
    reply = await client.ask('_*executed*_', [42 + i]);
  }
  expect(reply).toEqual({ ret: [44] });
});

test('a callback’s result that cannot be sent back is an error, and the server lives', async () => {
  const client = new RawClient(await served());
  await client.ask('sim.testCB', [1, 'cb@func', 1, 0]);
  const huge = encodeMessage({ func: '_*executed*_', args: [12_345n], uuid: client.uuid });
  // 2^64 - 1 in place of the argument: more than CoppeliaSim's own integers hold.
  const at = Buffer.from(huge).indexOf(hex('0000000000003039'));
  huge.fill(0xff, at, at + 8);
  expect((await client.exchange(Buffer.from(huge))).toString()).toContain('does not fit 64 bits');
  expect(await client.value('sim.getObject', '/target')).toBe(65);
});

test('callbacks that are nested without end are given up, and the client lives on', async () => {
  const client = new RawClient(await served());
  let reply = await client.ask('sim.testCB', [1, 'cb@func', 1, 0]);
  for (let depth = 1; depth < 32; depth++) {
    expect(reply.func).toBe('cb');
    reply = await client.ask('sim.testCB', [1, 'cb@func', 1, 0]);
  }
  expect((await client.ask('sim.testCB', [1, 'cb@func', 1, 0])).err).toContain('too many calls within callbacks');
  expect(await client.value('sim.getObject', '/target')).toBe(65);
});

test('garbage is answered with an error, and the server lives', async () => {
  const client = new RawClient(await served());
  const bad = [
    '',
    'ff',
    '00',
    'f6',
    '80',
    'a0',
    '9fff',
    'bf',
    '5bffffffffffffffff',
    '9bffffffffffffffff',
    'c11a00000000',
  ];
  for (const bytes of bad) {
    const reply = await client.exchange(hex(bytes));
    expect(reply.length, bytes).toBeGreaterThan(0);
  }
  const deep = Buffer.alloc(100_000, 0x81);
  expect((await client.exchange(deep)).length).toBeGreaterThan(0);
  expect(await client.value('sim.getObject', '/target')).toBe(65);
});

test('thousands of damaged requests: each has a reply, and the scene is whole afterwards', async () => {
  const server = await served();
  const client = new RawClient(server);
  const generator = new Random(7);
  const random = () => generator.uniform();
  const names = Object.keys(await client.value<object>('zmqRemoteApi.info', 'sim')).filter(
    name => remoteFunctions.has(`sim.${name}`) && !/^(?:stop|start|pause|wait|step|setStepping|remove)/.test(name),
  );
  const pool = [65, 17, 23, -1, -2, 1e300, -5, 0.5, '/target', 'x@func', [], [1, 2, 3], {}, null, true, [[['a']]], ''];
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  for (let i = 0; i < 4000; i++) {
    const args = Array.from({ length: Math.floor(random() * 5) }, () => pick(pool));
    const message = encodeMessage({ func: `sim.${pick(names)}`, args, uuid: pick(['a', 'b', 'c']) });
    if (random() < 0.5) message[Math.floor(random() * message.length)] = Math.floor(random() * 256);
    const end = random() < 0.1 ? Math.floor(random() * message.length) : message.length;
    expect((await client.exchange(message.slice(0, end))).length).toBeGreaterThan(0);
  }
  const other = new RawClient(server);
  expect(await other.value('sim.getObject', '/target')).toBe(65);
  expect(await other.value('sim.getSimulationState')).toBe(0);
});

test('uuids without number do not fill the memory', async () => {
  const client = new RawClient(await served());
  for (let i = 0; i < 600; i++)
    await client.exchange(encodeMessage({ func: 'sim.setStepping', args: [true], uuid: `client ${i}` }));
  await client.call('sim.startSimulation');
  // All but the last few hundred were forgotten, with the steps that they held.
  expect(await client.value('sim.setStepping', true)).toBe(0);
});

test.each(['localhost', '127.0.0.2', '::1'])('it listens on %s where it is told to', async host => {
  const server = await served({ host });
  expect(await new RawClient(server).value('sim.getObject', '/target')).toBe(65);
});

test('a taken port, and an address beyond this machine, are refused with what to do', async () => {
  const { address } = await served();
  const port = Number(address.split(':').at(-1));
  await expect(serveRemoteApi({ port })).rejects.toThrow(ServerPortError);
  await expect(serveRemoteApi({ port })).rejects.toThrow(/taken.*another port/);
  for (const host of ['0.0.0.0', '*', '192.168.1.2', 'example.org', '128.0.0.1'])
    await expect(serveRemoteApi({ port: 0, host })).rejects.toThrow(ServerAddressError);
  await expect(serveRemoteApi({ port: 0, host: '0.0.0.0' })).rejects.toThrow(/ssh -L/);
});

test('what clients log comes out as one clean line', async () => {
  const lines: unknown[] = [];
  const client = new RawClient(await served({ onLog: (...line) => lines.push(line) }));
  await client.call('sim.addLog', 61_890, 'one\ntwo\u001b[2J');
  await client.call('sim.addLog', 450, 'y'.repeat(10_000));
  expect(lines).toEqual([
    ['one two [2J', 61_890],
    [`${'y'.repeat(500)}…`, 450],
  ]);
  expect(await client.ask('sim.addLog', [450])).toHaveProperty('err');
});
