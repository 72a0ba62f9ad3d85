import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { convertDemonstrations, DemonstrationExistsError, DemonstrationFileError } from '../../src/demos/index.ts';
import { exactly, METADATA, readDemos, sampleEpisodes, temporaryFolder, writeDemos } from './demo-files.ts';

const OTHERS = ['json', 'jsonl', 'pickle'];

test.each(OTHERS)('from %s to HDF5 and back every bit and all metadata stay', async other => {
  const folder = temporaryFolder();
  const episodes = sampleEpisodes();
  const first = await writeDemos(join(folder, `first.${other}`), episodes);
  const second = join(folder, 'second.hdf5');
  expect(await convertDemonstrations(first, second)).toEqual({
    episodes: 5,
    transitions: 17,
    incomplete: null,
    notes: [],
  });
  const third = join(folder, `third.${other}`);
  await convertDemonstrations(second, third);
  const read = await readDemos(third);
  expect(read.metadata).toEqual(METADATA);
  expect(exactly(read.episodes)).toEqual(exactly(episodes));
});

test('from HDF5 to HDF5 every bit stays, also of numbers that are not finite, and without metadata', async () => {
  const folder = temporaryFolder();
  const episodes = sampleEpisodes();
  episodes[0]?.observations.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  const first = await writeDemos(join(folder, 'first.h5'), episodes, null);
  const second = join(folder, 'second.hdf5');
  await convertDemonstrations(first, second);
  const read = await readDemos(second);
  expect(read.metadata).toBeNull();
  expect(exactly(read.episodes)).toEqual(exactly(episodes));
});

test('an existing, a missing, a foreign and a torn file are refused, by name', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.hdf5');
  await expect(readDemos(path)).rejects.toThrow(`${path} failed: it cannot be opened`);
  writeFileSync(path, 'mine');
  await expect(readDemos(path)).rejects.toThrow(`${path} failed: it is not an HDF5 file`);
  await expect(writeDemos(path, sampleEpisodes())).rejects.toThrow(DemonstrationExistsError);
  expect(readFileSync(path, 'utf8')).toBe('mine');
  const good = readFileSync(await writeDemos(join(folder, 'good.hdf5'), sampleEpisodes().slice(0, 2)));
  for (const share of [0.05, 0.5, 0.9]) {
    writeFileSync(path, good.subarray(0, share * good.length));
    await expect(readDemos(path), `${share} of it`).rejects.toThrow(DemonstrationFileError);
  }
});

test('a demonstration that goes on after its end is taken as several episodes', async () => {
  // Written by make-robomimic.py with h5py, as robomimic does: several observations, float64, dones in the middle.
  const path = join(import.meta.dirname, '../fixtures/demos/robomimic.hdf5');
  const { metadata, episodes } = await readDemos(path);
  expect(metadata).toBeNull();
  expect(episodes.map(({ length, end }) => [length, end])).toEqual([
    ...[
      [2, 'terminated'],
      [1, 'terminated'],
      [2, 'truncated'],
    ],
    ...[[3, 'truncated']],
  ]);
  // Two observations side by side in the order of their names, as float32.
  expect(Array.from(episodes[0]?.observations ?? [])).toEqual([0, 0, 10, Math.fround(0.1), 1, 11]);
  expect(Array.from(episodes[2]?.actions ?? [])).toEqual([-0.5, 0.25, -0.5, 0.25]);
  expect(Array.from(episodes[3]?.rewards ?? [])).toEqual([0, 0, 1]);
});
