import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  convertDemonstrations,
  inspectDemonstrations,
  openCheckedDemonstrations,
  UnsafePickleError,
  validateDemonstrations,
} from '../../src/demos/index.ts';
import { FIXTURES, readDemos, temporaryFolder } from './demo-files.ts';

const folder = join(FIXTURES, 'containers');

/** `3 terminated` for each episode. */
async function ends(name: string, observationKeys?: readonly string[]): Promise<string[]> {
  const { episodes } = await readDemos(join(folder, name), observationKeys === undefined ? {} : { observationKeys });
  return episodes.map(({ length, end }) => `${length} ${end}`);
}

/** Files of others and of make-containers.py, which are read. */
const READ: Readonly<Record<string, readonly string[]>> = {
  'serl.pkl': ['5 terminated'],
  'serl-flat.pkl': ['5 terminated'],
  'd4rl-dict.pkl': ['5 truncated'],
  'infos.pickle': ['5 terminated'],
  'gz.pickle': ['5 terminated'],
  'gz.pkl.gz': ['5 terminated'],
  'proto0.pickle': ['5 terminated'],
  'protocol-1.pickle': ['3 terminated'],
  'deque.pickle': ['5 terminated'],
  'list-of-episodes.pickle': ['5 terminated', '5 terminated'],
  'masked.pickle': ['5 terminated'],
  'object-array.pickle': ['5 terminated'],
  'appended-lists.pickle': ['3 terminated', '2 terminated'],
  'appended-transitions.pickle': ['3 terminated'],
  'appended-dicts.pickle': ['2 terminated'],
  'appended-protocol-0.pickle': ['3 terminated', '1 terminated'],
  'ordered-dicts.pickle': ['2 terminated'],
  'd4rl-without-next.pickle': ['3 terminated', '1 truncated', '1 truncated'],
  'trajectories.pickle': ['3 terminated', '1 truncated'],
  'nan-states.pickle': ['3 terminated'],
  'time-limit.pickle': ['2 truncated'],
};

test.each(Object.entries(READ))('reads %s', async (name, expected) => {
  expect(await ends(name)).toEqual(expected);
});

/** Those that are not, with the reason. */
const REFUSED: Readonly<Record<string, string>> = {
  'namedtuple.pickle': 'it holds named tuples of the class replay.Transition with 5 fields',
  'oob5.pickle': 'numbers that are not in this file: pickle it again without buffer_callback',
  'npy.pickle': 'it is a NumPy array (.npy), which is not read. To convert it: python -c',
  'trailing.pickle': '9 bytes follow its end at byte 491, which are no pickle',
  'masked-numbers.pickle': 'it holds a masked array with masked numbers: fill them in Python with .filled() first',
  'sixth-is-flag.pickle': 'its sixth value is a bool, and a dict of information is expected there',
  'two-names.pickle': 'it has "observations" and "obs", and one of them is expected',
  'lacking.pickle': 'it is a dict of observations, rewards, and lacks "actions"',
  'several-states.pickle':
    'position (2) float32, velocity (2) float32, image (4, 4, 3) uint8. Choose observations, such as --obs-keys position,velocity',
  'only-images.pickle': 'only read by name: image (4, 4, 3) uint8. Choose observations, such as --obs-keys image',
};

test.each(Object.entries(REFUSED))('refuses %s, naming what it is', async (name, reason) => {
  await expect(ends(name)).rejects.toThrow(reason);
});

test('each file of the folder is read or refused above', () => {
  expect(readdirSync(folder).sort()).toEqual([...Object.keys(READ), ...Object.keys(REFUSED)].sort());
});

test('a named tuple is refused as unsafe', async () => {
  await expect(ends('namedtuple.pickle')).rejects.toThrow(UnsafePickleError);
});

test('takes the state of SERL and never its images', async () => {
  const [episode] = (await readDemos(join(folder, 'serl.pkl'))).episodes;
  expect(episode?.observations).toHaveLength(5 * 4);
  expect(episode?.success).toBe(true);
  expect(episode?.observations[0]).toBeCloseTo(0.48365477);
});

test('observation keys choose from a dict, in their order', async () => {
  const path = join(folder, 'several-states.pickle');
  const [episode] = (await readDemos(path, { observationKeys: ['velocity', 'position'] })).episodes;
  expect(episode?.observations).toEqual(Float32Array.of(1, 1.5, 0, 0.5));
  await expect(readDemos(path, { observationKeys: ['force'] })).rejects.toThrow('has no observation force. It has');
});

test('inspect lists the observations of a dict, also if they must be chosen', async () => {
  const found = await inspectDemonstrations(join(folder, 'several-states.pickle'));
  expect(found).toMatchObject({ episodes: 1, transitions: 1, observationSize: 0, actionSize: 1 });
  expect(found.layout).toMatchObject({
    name: 'transitions',
    undecided: expect.stringContaining('--obs-keys position,velocity'),
    observationKeys: [
      { name: 'position', shape: [2], type: 'float32', used: false },
      { name: 'velocity', shape: [2], type: 'float32', used: false },
      { name: 'image', shape: [4, 4, 3], type: 'uint8', used: false },
    ],
  });
  const serl = await inspectDemonstrations(join(folder, 'serl.pkl'));
  expect(serl.layout?.observationKeys.filter(({ used }) => used).map(({ name }) => name)).toEqual(['state']);
});

test('validate reports observations that must be chosen once', async () => {
  const { damage } = await validateDemonstrations(join(folder, 'several-states.pickle'));
  expect(damage).toEqual([expect.stringContaining('Choose observations')]);
});

test('notes say how many transitions without a next observation were left out', async () => {
  const path = join(folder, 'd4rl-without-next.pickle');
  const notes = [expect.stringMatching(/^it has no next observations: .* \(2 transitions\)$/)];
  expect((await inspectDemonstrations(path)).notes).toEqual(notes);
  const out = join(temporaryFolder(), 'a.json');
  expect((await convertDemonstrations(path, out)).notes).toEqual(notes);
  const checked = await openCheckedDemonstrations(path);
  for await (const _ of checked.episodes());
  expect(checked.notes).toEqual(notes);
  await checked.close();
  expect((await inspectDemonstrations(join(folder, 'serl.pkl'))).notes).toEqual([]);
});

test('observation keys are refused for observations without keys', async () => {
  await expect(ends('serl-flat.pkl', ['state'])).rejects.toThrow('without keys, and state is asked for');
});

test('a step without a next state gets that of the following step', async () => {
  const { episodes } = await readDemos(join(folder, 'd4rl-without-next.pickle'));
  const [first, second] = episodes;
  // The terminal state is worth nothing: that of the last step stands for it.
  expect(first?.nextObservations).toEqual(Float32Array.of(1, 1.5, 2, 2.5, 2, 2.5));
  expect(second?.nextObservations).toEqual(Float32Array.of(4, 4.5));
});
