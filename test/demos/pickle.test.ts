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

test('the corpus has protocols 0 to 5 of numpy 1 and 2', () => {
  expect(corpus).toHaveLength(12);
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
  'custom-class': /(copy_reg\._reconstructor|an object of the class somewhere\.Custom), which is refused/,
  set: /(the operation EMPTY_SET|(__builtin__|builtins)\.set, which is refused)/,
  'text-array': /type "U1"/,
  'complex-array': /type "c16"/,
  'complex-number': /(__builtin__|builtins)\.complex, which is refused/,
};

/** Plain data, but no transitions. */
const DATA: Readonly<Record<string, RegExp>> = {
  dict: /item 1: it is a dict of a, and lacks "observations", "actions", "rewards"/,
  'ordered-dict': /item 1: it is an empty dict, and lacks/,
  'object-array': /item 0: its state is None/,
};

const kindOf = (name: string) => /^hostile-(.*)-\d\.pickle$/.exec(name)?.[1] ?? '';
const hostile = names.filter(name => name.startsWith('hostile'));

test.each(hostile.filter(name => kindOf(name) in DATA))('%s is refused as no transitions', async name => {
  await expect(readDemos(join(folder, name))).rejects.toThrow(DATA[kindOf(name)] as RegExp);
});

test.each(hostile.filter(name => !(kindOf(name) in DATA)))('%s is refused by name, and nothing runs', async name => {
  const kind = kindOf(name);
  const error = await readDemos(join(folder, name)).catch(found => found);
  expect(error).toBeInstanceOf(UnsafePickleError);
  expect(error.message).toMatch(REFUSALS[kind] as RegExp);
  expect(error.message).toContain(name);
});

/** Pickles made by hand, as no pickler makes them. */
test.each([
  ['text', 'abc', 'it is not a pickle'],
  ['protocol 6', '\x80\x06].', 'it has pickle protocol 6, and 0 to 5 are read'],
  ['no end', '\x80\x04]', 'there is no STOP'],
  ['something behind its end', '\x80\x04].abcd', '4 bytes follow its end at byte 4, which are no pickle'],
  ['a damaged pickle behind its end', '\x80\x04].\x80\x04]', 'there is no STOP'],
  ['something else than a list', '\x80\x04K\x05.', 'it is a number, and not a list'],
  ['an item that is no transition', '\x80\x04]K\x05a.', 'item 0: it is a number, and not (state, action'],
  ['an empty stack', '\x80\x04a.', 'it takes from an empty stack'],
  ['a memo index where nothing is', '\x80\x04]h\x07a.', 'it asks for number 7 of its memo'],
  ['a list within itself', '\x80\x04]\x94h\x00a.', 'item 0: it is a list of 0'],
  ['a mark that never was', '\x80\x04]e.', 'it ends a group that never began'],
  ['a length beyond the file', '\x80\x04]B\xff\xff\xff\x0fabc.', 'it ends too early'],
  ['a length beyond all bounds', '\x80\x04]\x8e\xff\xff\xff\xff\xff\xff\xff\xff.', 'it claims a piece of'],
  ['an item of what is no dict', '\x80\x04]K\x01K\x02s.', 'it sets an item of a list of 0'],
  ['a key without a value', '\x80\x04}(K\x01u.', 'it has a key without a value'],
  ['a dict within itself', '\x80\x04}\x94\x8c\x07actionsh\x00s.', 'and lacks "observations", "rewards"'],
  ['an integer that is none', '(lI1x\na.', 'it holds "1x" as an integer'],
  ['a number that is none', '(lF1x\na.', 'it holds "1x" as a number'],
  ['a line without an end', '(lI1', 'it has a line without an end'],
  ['a class that is only mentioned', '\x80\x04]cos\nsystem\na.', 'it asks for os.system, which is refused'],
  ['a class in a dict', '\x80\x04}\x8c\x01acos\nsystem\ns.', 'it asks for os.system, which is refused'],
  ['an object of a known class', '\x80\x04cnumpy\nndarray\n)\x81.', 'it makes an object of a class'],
  [
    'a named tuple',
    '\x80\x04]cmine\nT\nK\x01K\x02\x86\x81a.',
    'it holds named tuples of the class mine.T with 2 fields',
  ],
  ['tensors', '\x80\x04]ctorch._utils\n_rebuild\n)Ra.', 'it holds tensors of PyTorch (torch._utils._rebuild)'],
  ['a set', '\x80\x04]\x8fa.', 'the operation EMPTY_SET at byte 3, which is not read: a set; use a list'],
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

test('reads the texts of Python 2, which are bytes', async () => {
  const path = join(temporaryFolder(), 'a.pickle');
  // (numpy.array([1.5], 'f4'), [0.25], 1, [2.5], True), as Python 2.7 and numpy 1.16 write it with protocol 0.
  const text = [
    "(lp0\n(cnumpy.core.multiarray\n_reconstruct\np1\n(cnumpy\nndarray\np2\n(I0\ntp3\nS'b'\np4\ntp5\nRp6\n",
    "(I1\n(I1\ntp7\ncnumpy\ndtype\np8\n(S'f4'\np9\nI0\nI1\ntp10\nRp11\n(I3\nS'<'\np12\nNNNI-1\nI-1\nI0\ntp13\nb",
    "I00\nS'\\x00\\x00\\xc0?'\np14\ntp15\nb(lp16\nF0.25\naL1L\n(lp17\nF2.5\naI01\ntp18\na.",
  ];
  writeFileSync(path, Buffer.from(text.join(''), 'latin1'));
  const { episodes } = await readDemos(path);
  expect(episodes).toMatchObject([{ length: 1, end: 'terminated' }]);
  expect(episodes[0]?.observations).toEqual(Float32Array.of(1.5));
  expect(episodes[0]?.actions).toEqual(Float32Array.of(0.25));
});

test('refuses lists that tell the same transitions again and again', async () => {
  const path = join(temporaryFolder(), 'a.pickle');
  // An episode of 400 times one transition, 400 times.
  const transition = ']K\x01aK\x01K\x01]K\x01aK\x00';
  const text = `\x80\x04](](${'('}${transition}t\x94${'h\x00'.repeat(399)}e\x94${'h\x01'.repeat(399)}e.`;
  writeFileSync(path, Buffer.from(text, 'latin1'));
  await expect(readDemos(path)).rejects.toThrow('it has more transitions than its');
});
