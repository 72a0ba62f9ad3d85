import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../../src/common/errors.ts';
import {
  convertDemonstrations,
  DemonstrationFileError,
  type Episode,
  inspectDemonstrations,
  openDemonstrations,
  type Selection,
} from '../../src/demos/index.ts';
import { FIXTURES, temporaryFolder } from './demo-files.ts';
import { findPython } from './python.ts';

const fixture = (name: string) => join(FIXTURES, 'hdf5', name);

async function collect(episodes: AsyncIterable<Episode>): Promise<Episode[]> {
  const all: Episode[] = [];
  for await (const episode of episodes) all.push(episode);
  return all;
}

async function read(name: string, selection?: Selection): Promise<Episode[]> {
  const reader = await openDemonstrations(fixture(name), selection);
  try {
    return await collect(reader.episodes());
  } finally {
    await reader.close();
  }
}

const outlines = (episodes: readonly Episode[]) =>
  episodes.map(({ length, end, success }) => [length, end, success] as const);

test('reads booleans as 0 and 1', async () => {
  expect(outlines(await read('booldones.hdf5'))).toEqual(Array(3).fill([6, 'terminated', null]));
});

test('takes next observations from the following row and leaves out a last one that did not terminate', async () => {
  const whole = await read('plain.hdf5');
  const [first] = await read('no_next.hdf5');
  expect(first?.observations.length).toBe(whole[0]?.observations.length);
  expect(outlines(await read('made-continued.hdf5'))).toEqual([
    [2, 'terminated', null],
    [1, 'truncated', null],
  ]);
  const [ended, rest] = await read('made-continued.hdf5');
  // The demonstration goes on after its done: the following row is the next observation there, too.
  expect(Array.from(ended?.nextObservations ?? [])).toEqual([1, 11, 2, 12]);
  expect(Array.from(rest?.nextObservations ?? [])).toEqual([3, 13]);
  const { notes } = await inspectDemonstrations(fixture('made-continued.hdf5'));
  expect(notes.join()).toMatch(/no next observations: .* is left out \(2 transitions\)/);
  const converted = await convertDemonstrations(fixture('no_next.hdf5'), join(temporaryFolder(), 'a.json'));
  expect(converted.notes).toEqual(['it has no next observations: they are taken from the following transition']);
  expect((await inspectDemonstrations(fixture('plain.hdf5'))).notes).toEqual([]);
});

test('keeps a last transition that terminated, and an episode with NaN whole', async () => {
  const episodes = await read('made-terminated.hdf5');
  expect(outlines(episodes)).toEqual([[4, 'terminated', null]]);
  expect(Array.from(episodes[0]?.nextObservations ?? [])).toEqual([NaN, NaN, 2, 12, 3, 13, 3, 13]);
});

test('reads Minari: one observation more than actions, dicts as groups', async () => {
  expect(outlines(await read('minari.hdf5'))).toEqual(Array(2).fill([5, 'truncated', null]));
  const episodes = await read('made-minari.hdf5');
  expect(outlines(episodes)).toEqual([
    [3, 'terminated', null],
    [3, 'truncated', null],
  ]);
  expect(Array.from(episodes[1]?.observations ?? [])).toEqual([100, 0, -0, 101, 1, -1, 102, 2, -2]);
  expect(Array.from(episodes[1]?.nextObservations ?? [])).toEqual([101, 1, -1, 102, 2, -2, 103, 3, -3]);
});

test('reads D4RL with and without next observations', async () => {
  expect((await read('d4rl.hdf5')).reduce((sum, { length }) => sum + length, 0)).toBe(10);
  const episodes = await read('made-d4rl.hdf5');
  expect(outlines(episodes)).toEqual([
    [3, 'terminated', null],
    [3, 'truncated', null],
    [2, 'truncated', null],
  ]);
  // The row after a termination is another episode's.
  expect(Array.from(episodes[0]?.nextObservations ?? [])).toEqual([2, 3, 4, 5, 4, 5]);
  expect(Array.from(episodes[1]?.nextObservations ?? [])).toEqual([8, 9, 10, 11, 12, 13]);
  expect(Array.from(episodes[2]?.rewards ?? [])).toEqual([7, 8]);
});

test('reads ManiSkill with its successes, observations in groups', async () => {
  expect(outlines(await read('maniskill.h5'))).toHaveLength(2);
  expect(outlines(await read('made-maniskill.h5'))).toEqual([
    [3, 'terminated', true],
    [3, 'truncated', false],
  ]);
  const [picked] = await read('made-maniskill.h5', { observationKeys: ['extra/tcp_pose', 'agent/qpos'] });
  expect(Array.from(picked?.observations ?? [])).toEqual([1, 0, 1, 1, 2, 3, 1, 4, 5]);
});

test.each([
  ['robosuite_raw.hdf5', /raw recording of robosuite.*convert_robosuite\.py.*dataset_states_to_obs\.py/],
  ['made-maniskill-raw.h5', /ManiSkill does, but traj_0 has no obs, no rewards\..*replay_trajectory/],
  ['private.h5', /no layout that is read: robomimic .* Minari .* ManiSkill .* D4RL .* It has secret/],
  ['lzf.hdf5', /compressed with lzf, which is not read\. Rewrite the file with gzip: python3 -c/],
  ['made-huge.hdf5', /its obs has 25000000000 numbers a step, and at most 65536 are read: choose fewer keys/],
])('names what %s is and what to do', async (name, message) => {
  await expect(read(name)).rejects.toThrow(DemonstrationFileError);
  await expect(read(name)).rejects.toThrow(message);
});

test('reads float16', async () => {
  const [halves] = await read('made-float16.hdf5');
  expect(Array.from(halves?.observations ?? [])).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  const values = await read('made-float16-values.hdf5');
  expect(values.map(({ observations }) => Array.from(observations))).toEqual([
    [1, -2.5, 65504, 2 ** -24],
    [Number.POSITIVE_INFINITY, Number.NaN, 0.333251953125, -0],
  ]);
});

test('reads the only vector beside images, and all below a named group', async () => {
  const [episode] = await read('made-one-vector.hdf5');
  expect(Array.from(episode?.observations ?? [])).toEqual([1, 2, 3, 4]);
  const { layout } = await inspectDemonstrations(fixture('made-one-vector.hdf5'));
  expect(layout?.observationKeys.map(({ name, used }) => [name, used])).toEqual([
    ['images/front', false],
    ['state', true],
  ]);
  const [group] = await read('made-one-vector.hdf5', { observationKeys: ['images'] });
  expect(group?.observations).toHaveLength(2 * 8);
});

test('reads big-endian numbers', async () => {
  expect(Array.from((await read('made-big-endian.hdf5'))[0]?.observations ?? [])).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('reads one split only, in the order of the file', async () => {
  const whole = await read('mask.hdf5');
  const [train, valid] = [await read('mask.hdf5', { split: 'train' }), await read('mask.hdf5', { split: 'valid' })];
  expect([train.length, valid.length, whole.length]).toEqual([2, 1, 3]);
  expect([...train, ...valid].map(({ actions }) => actions.join()).sort()).toEqual(
    whole.map(({ actions }) => actions.join()).sort(),
  );
  expect(await read('made-splits.hdf5', { split: 'some' })).toHaveLength(2);
  const { layout } = await inspectDemonstrations(fixture('mask.hdf5'));
  expect(layout?.splits).toEqual([
    { name: 'train', episodes: 2 },
    { name: 'valid', episodes: 1 },
  ]);
});

test.each<[string, Selection, RegExp]>([
  ['mask.hdf5', { split: 'trian' }, /no split "trian". It has train, valid. Did you mean "train"/],
  ['plain.hdf5', { split: 'train' }, /no splits at all \(robomimic layout\)/],
  ['minari.hdf5', { split: 'train' }, /no splits at all \(Minari layout\)/],
  ['made-splits.hdf5', { split: 'wrong' }, /"wrong" that names demo_7/],
  ['made-splits.hdf5', { split: 'none' }, /"none" without any recordings/],
  [
    'plain.hdf5',
    { observationKeys: ['objekt', 'x'] },
    /no observation objekt, x. It has object, robot0_eef_pos. Did you/,
  ],
  ['plain.hdf5', { observationKeys: ['object', 'object'] }, /object more than once/],
])('refuses what %s does not have: %o', async (name, selection, message) => {
  await expect(read(name, selection)).rejects.toThrow(UsageError);
  await expect(read(name, selection)).rejects.toThrow(message);
});

test('refuses splits and observation keys of files that have none', async () => {
  const json = join(temporaryFolder(), 'a.json');
  await convertDemonstrations(fixture('plain.hdf5'), json);
  await expect(openDemonstrations(json, { split: 'train' })).rejects.toThrow(
    /has no split "train": JSON files have none/,
  );
  await expect(openDemonstrations(json, { observationKeys: ['a'] })).rejects.toThrow(/leave --obs-keys out/);
});

test('never puts images beside vectors unless they are asked for by name', async () => {
  await expect(read('made-images.hdf5')).rejects.toThrow(
    /images .* only read by name: aperture \(\) float64, camera \(2, 3, 3\) uint8, position \(2\) float64\. Choose observations, such as --obs-keys aperture,position/,
  );
  const [vectors] = await read('made-images.hdf5', { observationKeys: ['position', 'aperture'] });
  expect(Array.from(vectors?.observations.subarray(0, 6) ?? [])).toEqual([0, 10, 0, 1, 11, 0]);
  const [image] = await read('made-images.hdf5', { observationKeys: ['camera'] });
  expect(image?.observations).toHaveLength(4 * 18);
  const found = await inspectDemonstrations(fixture('made-images.hdf5'));
  expect(found).toMatchObject({ episodes: 1, transitions: 4, observationSize: 0, actionSize: 2 });
  expect(found.layout?.observationKeys).toEqual([
    { name: 'aperture', shape: [], type: 'float64', used: false },
    { name: 'camera', shape: [2, 3, 3], type: 'uint8', used: false },
    { name: 'position', shape: [2], type: 'float64', used: false },
  ]);
});

const python = findPython('numpy2', ['numpy', 'h5py']);
test.skipIf(python === null)('the command in the error for lzf makes a file that is read', async () => {
  const folder = temporaryFolder();
  const out = join(folder, 'gzip.hdf5');
  const error = await read('lzf.hdf5').catch(reason => reason as Error);
  const script = /python3 -c "(.*)" OLD\.hdf5 NEW\.hdf5/.exec((error as Error).message)?.[1] ?? '';
  python?.run(script, fixture('lzf.hdf5'), out);
  const reader = await openDemonstrations(out);
  expect(outlines(await collect(reader.episodes()))).toEqual(Array(3).fill([6, 'terminated', null]));
  await reader.close();
});
