import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UnsafePickleError } from '../../src/demos/index.ts';
import { FIXTURES, readDemos, temporaryFolder } from './demo-files.ts';

const folder = join(FIXTURES, 'pickles');
const names = readdirSync(folder).filter(name => name.endsWith('.pickle'));

interface Expected {
  readonly state: readonly number[];
  readonly action: readonly number[];
  readonly reward: number;
  readonly nextState: readonly number[];
  readonly done: boolean;
}

/** A file's transitions one by one. */
async function transitionsOf(path: string): Promise<Expected[]> {
  const { episodes } = await readDemos(path);
  return episodes.flatMap(({ length, observations, actions, rewards, nextObservations, end }) => {
    const row = (array: Float32Array, i: number) =>
      Array.from(array.subarray((i * array.length) / length, ((i + 1) * array.length) / length));
    return Array.from(rewards, (reward, i) => ({
      state: row(observations, i),
      action: row(actions, i),
      reward,
      nextState: row(nextObservations, i),
      done: end === 'terminated' && i === length - 1,
    }));
  });
}

// Written by real Python, see make-pickles.py; expected.json has numpy's own float32 of every number.
const expected: readonly Expected[] = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
const corpus = names.filter(name => name.startsWith('numpy'));

test('the corpus has protocols 2 to 5 of numpy 1 and 2', () => {
  expect(corpus).toHaveLength(8);
});

test.each(corpus)('%s holds what Python put into it', async name => {
  const found = await transitionsOf(join(folder, name));
  expect(found).toHaveLength(expected.length);
  for (const [i, transition] of found.entries()) expect(transition, `item ${i}`).toStrictEqual(expected[i]);
});

/** How each of the hostile pickles is refused. */
const REFUSALS: Readonly<Record<string, RegExp>> = {
  'os-system': /it asks for (posix|os)\.system, which is refused/,
  eval: /it asks for (__builtin__|builtins)\.eval, which is refused/,
  'custom-class': /(NEWOBJ|copy_reg\._reconstructor|somewhere\.Custom)/,
  dict: /the operation EMPTY_DICT/,
  set: /(the operation EMPTY_SET|(__builtin__|builtins)\.set, which is refused)/,
  'ordered-dict': /collections\.OrderedDict, which is refused/,
  'object-array': /type "O8"/,
  'text-array': /type "U1"/,
  'complex-array': /type "c16"/,
  'complex-number': /(__builtin__|builtins)\.complex, which is refused/,
};

test.each(names.filter(name => name.startsWith('hostile')))('%s is refused by name, and nothing runs', async name => {
  const kind = /^hostile-(.*)-\d\.pickle$/.exec(name)?.[1] ?? '';
  const error = await readDemos(join(folder, name)).catch(found => found);
  expect(error).toBeInstanceOf(UnsafePickleError);
  expect(error.message).toMatch(REFUSALS[kind] as RegExp);
  expect(error.message).toContain(name);
});

/** Pickles made by hand, as no pickler makes them. */
test.each([
  ['protocol 0', '(lp0\n.', 'it is not a pickle of protocol 2 or later'],
  ['protocol 6', '\x80\x06].', 'it has pickle protocol 6, and 2 to 5 are read'],
  ['no end', '\x80\x04]', 'there is no STOP'],
  ['something behind its end', '\x80\x04].\x80\x04].', 'it goes on for 4 bytes after its end'],
  ['something else than a list', '\x80\x04K\x05.', 'it is a number, and not a list'],
  ['an item that is no transition', '\x80\x04]K\x05a.', 'item 0: it is a number, and not (state, action'],
  ['an empty stack', '\x80\x04a.', 'it takes from an empty stack'],
  ['a memo index where nothing is', '\x80\x04]h\x07a.', 'it asks for number 7 of its memo'],
  ['a list within itself', '\x80\x04]\x94h\x00a.', 'item 0: it is a list of 0'],
  ['a mark that never was', '\x80\x04]e.', 'it ends a group that never began'],
  ['a length beyond the file', '\x80\x04]B\xff\xff\xff\x0fabc.', 'it ends too early'],
  ['a length beyond all bounds', '\x80\x04]\x8e\xff\xff\xff\xff\xff\xff\xff\xff.', 'it claims a piece of'],
  ['a call of what is no function', '\x80\x04](K\x01)Re.', 'it calls what is no function'],
  ['a class by text', '\x80\x04\x8c\x02os\x8c\x06system\x93.', 'it asks for os.system, which is refused'],
  ['a name of control characters', '\x80\x04c\x1b[2J\nx\n.', 'it asks for  [2J.x'],
  ['an instance', '\x80\x04(ios\nsystem\n.', 'the operation INST'],
  ['a persistent id', '\x80\x04Pid\n.', 'the operation PERSID'],
  ['an extension', '\x80\x04\x82\x01.', 'the operation EXT1'],
  ['an out-of-band buffer', '\x80\x05\x97.', 'the operation NEXT_BUFFER'],
])('a pickle with %s is refused, saying so', async (_, text, message) => {
  const path = join(temporaryFolder(), 'a.pickle');
  writeFileSync(path, Buffer.from(text, 'latin1'));
  await expect(readDemos(path)).rejects.toThrow(message);
});

test('arrays that claim more than they come with are refused', async () => {
  const path = join(temporaryFolder(), 'a.pickle');
  const bytes = readFileSync(join(folder, 'numpy1-protocol4.pickle'));
  // The first array's shape: BININT1 5, TUPLE1.
  const at = bytes.indexOf(Buffer.from([0x4b, 5, 0x85]));
  bytes[at + 1] = 6;
  writeFileSync(path, bytes);
  await expect(readDemos(path)).rejects.toThrow('a numpy array of f4 and shape (6) comes with 20 bytes');
});
