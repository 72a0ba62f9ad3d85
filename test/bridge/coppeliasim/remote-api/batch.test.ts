import { expect, test } from 'vitest';
import { LuaFactory } from 'wasmoon';
import {
  batchScript,
  connectRemoteApi,
  isBatchScript,
  RemoteApiError,
} from '../../../../src/bridge/coppeliasim/remote-api/index.ts';
import { MessageError } from '../../../../src/bridge/errors.ts';
import { UsageError } from '../../../../src/common/errors.ts';
import { type Answer, fine, startPeer } from './peer.ts';
import type { Request } from './recording.ts';

/** A simulator as the script sees it, and how the tests look at what it returns: text, so that nothing is converted. */
const SIMULATOR = `
  local sim = {}
  function sim.getObject(path) if path == '/target' then return 65 end error('object does not exist.', 0) end
  function sim.getObjectPosition(handle, relative) return {handle, relative or -1, 0.5} end
  function sim.nothing() end
  function sim.nilFirst() return nil, 'second' end
  function sim.nilLast() return 'first', nil end
  function sim.count(...) return select('#', ...) end
  function sim.fails() error({code = 5}) end
  function sim.unsendable() return {1, {function() end}} end
  function sim.endless() local t = {}; t.t = t; return t end
  function sim.coroutine() return coroutine.create(function() end) end
  sim.handle_all = -2
  sim.inner = {deep = function() return 'deep' end}
  package.preload.sim = function() return sim end
  package.preload.simIK = function() return {solve = function(x) return 2 * x end} end
  package.preload.other = function() return {call = function() return 'must not be reached' end} end
  function show(value)
    if type(value) == 'string' then return string.format('%q', value) end
    if type(value) ~= 'table' then return tostring(value) end
    local keys, parts = {}, {}
    for key in pairs(value) do keys[#keys + 1] = key end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    for _, key in ipairs(keys) do parts[#parts + 1] = '[' .. tostring(key) .. ']=' .. show(value[key]) end
    return '{' .. table.concat(parts, ',') .. '}'
  end
`;

async function runLua(calls: string): Promise<string> {
  const lua = await new LuaFactory().createEngine();
  try {
    await lua.doString(SIMULATOR);
    await lua.doString(batchScript());
    return await lua.doString(`return show(batch(${calls}))`);
  } finally {
    lua.global.close();
  }
}

test.each([
  ['one value', "{'sim.getObject', 1, {'/target'}}", '[1]=true,[2]=1,[3]=65'],
  ['a table', "{'sim.getObjectPosition', 1, {7}}", '[1]=true,[2]=1,[3]={[1]=7,[2]=-1,[3]=0.5}'],
  ['no value', "{'sim.nothing', 0, {}}", '[1]=true,[2]=0'],
  ['nil first', "{'sim.nilFirst', 0, {}}", '[1]=true,[2]=2,[4]="second"'],
  ['nil last', "{'sim.nilLast', 0, {}}", '[1]=true,[2]=2,[3]="first"'],
  ['nils among the arguments', "{'sim.count', 3, {nil, 1, nil}}", '[1]=true,[2]=1,[3]=3'],
  ['a function of a function', "{'sim.inner.deep', 0, {}}", '[1]=true,[2]=1,[3]="deep"'],
  ['another module', "{'simIK.solve', 1, {21}}", '[1]=true,[2]=1,[3]=42'],
  ['an error', "{'sim.getObject', 1, {'/nothing'}}", '[1]=false,[2]="object does not exist."'],
  ['no such function', "{'sim.noSuchFunction', 0, {}}", '[1]=false,[2]="No such function: sim.noSuchFunction"'],
  ['a constant', "{'sim.handle_all', 0, {}}", '[1]=false,[2]="No such function: sim.handle_all"'],
  ['no such module', "{'simNone.call', 0, {}}", '[1]=false,[2]="No such function: simNone.call"'],
  ['a library that is none of the simulator', "{'other.call', 0, {}}", '[1]=false,[2]="No such function: other.call"'],
  ['the system', "{'os.execute', 1, {'true'}}", '[1]=false,[2]="No such function: os.execute"'],
  ['no name', '{nil, 0, {}}', '[1]=false,[2]="No such function: nil"'],
])('the script answers %s', async (_, call, result) => {
  expect(await runLua(`{${call}}`)).toBe(`{[1]={${result}}}`);
});

test.each(['fails', 'unsendable', 'endless', 'coroutine'])(
  'the script answers what cannot be sent with a text: sim.%s',
  async name => {
    expect(await runLua(`{{'sim.${name}', 0, {}}}`)).toMatch(/^\{\[1\]=\{\[1\]=false,\[2\]=".*"\}\}$/);
  },
);

test('the script answers in order, and one error stops nothing', async () => {
  const calls = "{{'sim.getObject', 1, {'/target'}}, {'sim.fail', 0, {}}, {'sim.nothing', 0, {}}}";
  expect(await runLua(calls)).toBe(
    '{[1]={[1]=true,[2]=1,[3]=65},[2]={[1]=false,[2]="No such function: sim.fail"},[3]={[1]=true,[2]=0}}',
  );
  expect(await runLua('{}')).toBe('{}');
});

test('the script is known by its first line', () => {
  expect(isBatchScript(batchScript())).toBe(true);
  expect(isBatchScript(batchScript().replaceAll('\n', '\r\n'))).toBe(true);
  expect(isBatchScript(`\n${batchScript()}`)).toBe(false);
  expect(isBatchScript('-- graspbridge remote-api batch 12\n')).toBe(false);
});

/** A simulator that runs the batch script, as far as the client can see. */
async function withScripts(answer: (calls: unknown[]) => Answer) {
  let script = 100;
  let scene: Set<unknown> = new Set();
  const peer = await startPeer(({ func, args }: Request) => {
    if (func === 'sim.createScript') {
      scene.add(++script);
      return { ret: [script] };
    }
    if (func !== 'sim.callScriptFunction') return fine;
    return scene.has(args[1])
      ? answer(args[2] as unknown[]) // The batch's calls.
      : { err: '354: in sim.callScriptFunction: script does not exist.' };
  });
  const client = await connectRemoteApi({ address: peer.address });
  const functions = () => peer.requests.slice(1).map(({ func }) => func);
  const end = async () => {
    await client.close();
    peer.close();
  };
  const loadOtherScene = () => {
    scene = new Set();
  };
  return { client, peer, functions, loadOtherScene, end };
}

test('a batch is one exchange, with results and errors call by call', async () => {
  const { client, peer, functions, end } = await withScripts(calls => ({
    ret: [
      calls.map((_, i) =>
        i === 0
          ? [true, 1, 65]
          : i === 1
            ? [false, '354: in sim.getObjectPosition: object does not exist.']
            : // Lua's tables with holes.
              new Map<number, unknown>([
                [1, true],
                [2, 4],
                [4, 'second'],
              ]),
      ),
    ],
  }));
  const calls = [
    ['sim.getObject', '/target'],
    ['sim.getObjectPosition', 1_000_000, undefined],
    ['sim.nilFirst'],
  ] as const;
  const [first, second, third] = await client.batch(calls);
  expect(first).toEqual({ ok: true, values: [65] });
  expect(second).toMatchObject({ ok: false, error: { code: 354, functionName: 'sim.getObjectPosition' } });
  expect(third).toEqual({ ok: true, values: [null, 'second', null, null] });
  await client.batch(calls);
  expect(functions()).toEqual([
    'sim.createScript',
    'sim.initScript',
    'sim.callScriptFunction',
    'sim.callScriptFunction',
  ]);
  // A customization script (6), in Lua.
  expect(peer.requests[1]?.args).toEqual([6, batchScript(), 0, 'lua']);
  expect(peer.requests[3]?.args).toEqual([
    'batch',
    101,
    [
      ['sim.getObject', 1, ['/target']],
      ['sim.getObjectPosition', 2, [1_000_000, null]],
      ['sim.nilFirst', 0, []],
    ],
  ]);
  await client.close();
  expect(peer.requests.at(-2)).toMatchObject({ func: 'sim.removeObjects', args: [[101]] });
  await end();
});

test('with another scene the script is put in place again', async () => {
  const { client, functions, loadOtherScene, end } = await withScripts(calls => ({
    ret: [calls.map(() => [true, 0])],
  }));
  await client.batch([['sim.nothing']]);
  loadOtherScene();
  expect(await client.batch([['sim.nothing'], ['sim.nothing']])).toEqual(Array(2).fill({ ok: true, values: [] }));
  expect(functions().filter(func => func === 'sim.createScript')).toHaveLength(2);
  await end();
});

test('a batch whose script fails, or answers nonsense, is not made twice', async () => {
  let answer: Answer = { err: '354: in sim.callScriptFunction: error in script function.' };
  const { client, functions, end } = await withScripts(() => answer);
  await expect(client.batch([['sim.nothing']])).rejects.toThrow(RemoteApiError);
  await expect(client.batch([['sim.nothing']])).rejects.toThrow(RemoteApiError);
  expect(functions().filter(func => func === 'sim.createScript')).toHaveLength(1);
  for (const nonsense of [{}, [[]], [[1]], [[true]], [[true, 1e9]], [[true, 0, 1]], [[false, 1]], 7]) {
    answer = { ret: [nonsense] };
    await expect(client.batch([['sim.nothing']]), JSON.stringify(nonsense)).rejects.toThrow(MessageError);
  }
  await end();
});

test('a batch of nothing asks for nothing; what only a client can do is refused', async () => {
  const { client, functions, end } = await withScripts(() => fine);
  expect(await client.batch([])).toEqual([]);
  await expect(client.batch([['sim.setStepping', true]])).rejects.toThrow(UsageError);
  await expect(client.batch([['sim.moveToConfig', () => 0]])).rejects.toThrow(UsageError);
  expect(functions()).toEqual([]);
  await end();
});
