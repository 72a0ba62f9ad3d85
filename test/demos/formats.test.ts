import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../../src/common/errors.ts';
import { convertDemonstrations, DemonstrationExistsError, openDemonstrations } from '../../src/demos/index.ts';
import { exactly, METADATA, readDemos, sampleEpisodes, temporaryFolder, writeDemos } from './demo-files.ts';

// HDF5 has tests of its own: each of its files takes a thread.
const EXTENSIONS = ['json', 'jsonl', 'pickle'];
const PAIRS = EXTENSIONS.flatMap(from => EXTENSIONS.map(to => [from, to] as const));

test.each(PAIRS)('from %s to %s every bit and all metadata stay', async (from, to) => {
  const folder = temporaryFolder();
  const episodes = sampleEpisodes();
  const first = await writeDemos(join(folder, `first.${from}`), episodes);
  const second = join(folder, `second.${to}`);
  const result = await convertDemonstrations(first, second);
  expect(result).toEqual({ episodes: 5, transitions: 17, incomplete: null, notes: [] });
  const read = await readDemos(second);
  expect(read.metadata).toEqual(METADATA);
  expect(exactly(read.episodes)).toEqual(exactly(episodes));
  expect(readdirSync(folder).filter(name => name.includes('partial'))).toEqual([]);
});

test.each(EXTENSIONS)('a %s file holds numbers that are not finite, for others to complain about', async extension => {
  const [episode] = sampleEpisodes();
  if (episode === undefined) throw new Error('There are no episodes to test with.');
  episode.observations.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  episode.rewards[1] = Number.NaN;
  const path = await writeDemos(join(temporaryFolder(), `a.${extension}`), [episode]);
  const [read] = (await readDemos(path)).episodes;
  expect(read?.observations).toEqual(episode.observations);
  expect(read?.rewards).toEqual(episode.rewards);
});

test.each(EXTENSIONS)('a %s file may say nothing beside its transitions, and may be empty', async extension => {
  const folder = temporaryFolder();
  const plain = await writeDemos(join(folder, `plain.${extension}`), sampleEpisodes(), null);
  const read = await readDemos(plain);
  expect(read.metadata).toBeNull();
  expect(read.episodes).toHaveLength(5);
  const empty = await writeDemos(join(folder, `empty.${extension}`), []);
  expect((await readDemos(empty)).episodes).toEqual([]);
});

test.each(EXTENSIONS)('an existing %s file is refused, and stays as it is', async extension => {
  const path = join(temporaryFolder(), `a.${extension}`);
  writeFileSync(path, 'mine');
  await expect(writeDemos(path, sampleEpisodes())).rejects.toThrow(DemonstrationExistsError);
  expect(readFileSync(path, 'utf8')).toBe('mine');
});

test('an unknown extension is refused with those that are known', async () => {
  await expect(openDemonstrations('demos.npz')).rejects.toThrow(UsageError);
  await expect(openDemonstrations('demos.npz')).rejects.toThrow('.json, .jsonl, .pickle, .pkl, .hdf5, .h5');
});

test.each(EXTENSIONS)('a missing, an empty and a foreign %s file are told apart, by name', async extension => {
  const path = join(temporaryFolder(), `a.${extension}`);
  await expect(readDemos(path)).rejects.toThrow(`${path} failed: it cannot be opened`);
  writeFileSync(path, '');
  await expect(readDemos(path)).rejects.toThrow(`Reading the demonstrations ${path} failed`);
  writeFileSync(path, '\x89PNG\r\n\x1a\n and so on\n');
  await expect(readDemos(path)).rejects.toThrow(`Reading the demonstrations ${path} failed`);
});

test.each(EXTENSIONS)('a %s file cut short anywhere is refused, or read as far as it says', async extension => {
  const folder = temporaryFolder();
  const path = await writeDemos(join(folder, `a.${extension}`), sampleEpisodes().slice(0, 2));
  const bytes = readFileSync(path);
  const cuts = Array.from({ length: 60 }, (_, i) => Math.floor((i * bytes.length) / 60));
  for (const cut of cuts) {
    writeFileSync(path, bytes.subarray(0, cut));
    const read = await readDemos(path).catch(error => error);
    if (read instanceof Error) expect(read.message, `cut at ${cut}`).toContain(`${path} failed`);
    else expect(read.incomplete, `cut at ${cut}`).toMatch(/^Recording was cut short/);
  }
});

test('JSON may have its keys in any order, and others beside', async () => {
  const folder = temporaryFolder();
  const path = await writeDemos(join(folder, 'a.json'), sampleEpisodes());
  const text = readFileSync(path, 'utf8');
  const at = text.indexOf('"episodes":');
  const header = text.slice(text.indexOf('{') + 1, text.lastIndexOf(',', at));
  const list = text.slice(at, text.lastIndexOf('}'));
  writeFileSync(path, `{"comment": ["}", "\\"", {"a": "\\\\\\"]"}], ${list}, ${header}}`);
  const read = await readDemos(path);
  expect(read.metadata).toEqual(METADATA);
  expect(exactly(read.episodes)).toEqual(exactly(sampleEpisodes()));
});

test.each([
  ['another format', { format: 'other' }, 'its "format" is not'],
  ['a later version', { version: 2 }, 'it has version 2, and this program reads version 1'],
  ['malformed metadata', { metadata: { ...METADATA, seed: 'one' } }, 'its metadata is malformed: "seed"'],
  [
    'rows of several sizes',
    { episodes: [{ rewards: [1, 2], end: 'truncated', actions: [[1], [1]], observations: [[1], [1, 2]] }] },
    'episode 0: row 1 of its observations does not have 1 numbers',
  ],
  [
    'more rows than rewards',
    { episodes: [{ rewards: [1], end: 'truncated', actions: [[1]], observations: [[1], [2]] }] },
    'it has 1 rewards, and 2 rows in its observations',
  ],
  ['no end', { episodes: [{ rewards: [1], actions: [[1]], observations: [[1]] }] }, 'its end is neither'],
  [
    'a text among numbers',
    { episodes: [{ rewards: ['1'], end: 'truncated', actions: [[1]], observations: [[1]], finalObservation: [1] }] },
    'reward 0 is not a number',
  ],
])('JSON with %s is refused, saying so', async (_, changes, message) => {
  const path = join(temporaryFolder(), 'a.json');
  const content = { format: 'graspbridge-demonstrations', version: 1, metadata: METADATA, episodes: [], ...changes };
  writeFileSync(path, JSON.stringify(content));
  await expect(readDemos(path)).rejects.toThrow(message);
});

test('a pickle without its sidecar still has its transitions, and the episodes that can be told apart', async () => {
  const folder = temporaryFolder();
  const path = await writeDemos(join(folder, 'a.pickle'), sampleEpisodes());
  rmSync(`${path}.json`);
  const { metadata, episodes } = await readDemos(path);
  expect(metadata).toBeNull();
  // The third episode's steps do not follow each other.
  expect(episodes.map(({ length, end }) => [length, end])).toEqual([
    ...[
      [4, 'terminated'],
      [1, 'truncated'],
      [1, 'truncated'],
      [1, 'truncated'],
      [1, 'terminated'],
    ],
    ...[
      [7, 'truncated'],
      [2, 'terminated'],
    ],
  ]);
});

test('a sidecar of another pickle is refused', async () => {
  const folder = temporaryFolder();
  const path = await writeDemos(join(folder, 'a.pickle'), sampleEpisodes());
  const other = await writeDemos(join(folder, 'b.pickle'), sampleEpisodes().slice(1));
  writeFileSync(`${path}.json`, readFileSync(`${other}.json`));
  await expect(readDemos(path)).rejects.toThrow(`the .json file beside it belongs to other demonstrations`);
});
