import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { exactly, FIXTURES, readDemos, sampleEpisodes, temporaryFolder, writeDemos } from './demo-files.ts';

/** Writes a file of the test's own. */
function file(name: string, content: string | Buffer): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

const BYTE_ORDER_MARK = '\ufeff';

test.each(['json', 'jsonl'])('reads %s with a byte order mark and the line ends of Windows', async extension => {
  const episodes = sampleEpisodes();
  const path = await writeDemos(join(temporaryFolder(), `a.${extension}`), episodes);
  const text = BYTE_ORDER_MARK + readFileSync(path, 'utf8').replaceAll('\n', '\r\n');
  const read = await readDemos(file(`b.${extension}`, text));
  expect(exactly(read.episodes)).toEqual(exactly(episodes));
  expect(read.incomplete).toBeNull();
});

test('reads JSON Lines with blank lines', async () => {
  const episodes = sampleEpisodes();
  const path = await writeDemos(join(temporaryFolder(), 'a.jsonl'), episodes);
  const text = `\n${readFileSync(path, 'utf8').replaceAll('\n', '\n \t\r\n\n')}  `;
  const read = await readDemos(file('b.jsonl', text));
  expect(exactly(read.episodes)).toEqual(exactly(episodes));
  expect(read.incomplete).toBeNull();
});

test.each(['json', 'jsonl', 'pickle'])('reads %s that is compressed with gzip, whatever its name', async extension => {
  const episodes = sampleEpisodes();
  const path = await writeDemos(join(temporaryFolder(), `a.${extension}`), episodes, null);
  const sidecar = extension === 'pickle' ? readFileSync(`${path}.json`) : null;
  for (const name of [`b.${extension}`, `b.${extension}.gz`]) {
    const compressed = file(name, gzipSync(readFileSync(path)));
    if (sidecar !== null) writeFileSync(`${compressed.replace(/\.gz$/, '')}.json`, sidecar);
    expect(exactly((await readDemos(compressed)).episodes)).toEqual(exactly(episodes));
  }
});

test('refuses text in UTF-16 by name', async () => {
  const path = file('a.json', Buffer.from(`${BYTE_ORDER_MARK}{"episodes": []}`, 'utf16le'));
  await expect(readDemos(path)).rejects.toThrow('it is text in UTF-16, which is not read. To convert it: python -c');
});

test.each([
  ['dup.json', 'episode 0: it has the key "rewards" twice in one object'],
  ['huge-number.json', 'episode 0: rewards[0] is beyond the largest number'],
])('refuses %s', async (name, reason) => {
  await expect(readDemos(join(FIXTURES, 'json', name))).rejects.toThrow(reason);
});

const EPISODE = '"end": "terminated", "actions": [[1]], "observations": [[1]], "finalObservation": [2]';

test.each([
  ['a key twice in the header', '{"format": 1, "format": 2}', 'the key "format" twice'],
  ['a key twice, written differently', '{"format": {"a\\u0062": 1, "ab": 2}}', 'the key "ab" twice'],
  ['a list with a key twice', '[{"state": [1], "x": {"y": "}", "y": "{"}}]', 'item 0: it has the key "y" twice'],
  ['NaN', '[[[1, 2], [NaN], 0, [1, 2], false]]', 'item 0: [1][0] is NaN, which JSON does not have'],
  [
    'Infinity in an episode',
    `{"format": "graspbridge-demonstrations", "version": 1, "episodes": [{${EPISODE}, "rewards": [-Infinity]}]}`,
    'episode 0: rewards[0] is -Infinity, which JSON does not have',
  ],
  ['a number beyond all', '[[[1, -1e999], [1], 0, [1, 2], false]]', 'item 0: [0][1] is beyond the largest number'],
  ['two values', '[] []', 'it has "["'],
  ['a transition without an action', '[{"state": [1], "reward": 1}]', 'and lacks "actions"'],
  [
    'dicts of images as states',
    '[[{"a": [1], "b": [2], "c": [[1, 2], [3, 4]]}, [1], 0, {}, true]]',
    'a (1) numbers, b (1) numbers, c (2, 2) numbers. Choose observations, such as --obs-keys a,b',
  ],
  [
    'lists of different lengths as a state',
    '[[[[1, 2], [3]], [1], 0, [1, 2, 3], true]]',
    'lists that differ in length',
  ],
])('refuses JSON with %s', async (_, text, reason) => {
  await expect(readDemos(file('a.json', text))).rejects.toThrow(reason);
});

test('reads all vectors of a dict by name, and nested lists row by row', async () => {
  const dicts = await readDemos(
    file('a.json', '[[{"b": [[1, 2]], "a": 3}, [[0.5]], 0, {"a": 6, "b": [[4, 5]]}, true]]'),
  );
  expect(dicts.episodes[0]?.observations).toEqual(Float32Array.of(3, 1, 2));
  expect(dicts.episodes[0]?.nextObservations).toEqual(Float32Array.of(6, 4, 5));
});

test('a next state of null is one that the file does not say', async () => {
  const path = file('a.json', '[[[1], [0.5], 0, null, false], [[2], [0.5], 1, null, true]]');
  const [episode] = (await readDemos(path)).episodes;
  expect(episode).toMatchObject({ length: 2, end: 'terminated', nextObservations: Float32Array.of(2, 2) });
});

test('names the line of JSON Lines', async () => {
  const path = file('a.jsonl', '[[1], [1], 0, [2], false]\n\n[[2], [1], NaN, [3], true]\n');
  await expect(readDemos(path)).rejects.toThrow('line 3: [2] is NaN');
});

const LISTS = [
  [[1, 2], [0.5], -1, [3, 4], false],
  [[3, 4], [0.5], 0, [5, 6], true],
  [[7, 8], [0.25], 1, [9, 9], false],
];
const DICTS = LISTS.map(([observation, action, reward, next_observation, done]) => ({
  ...{ observation, action, reward, next_observation, done },
}));
const ARRAYS = {
  observations: LISTS.map(item => item[0]),
  actions: LISTS.map(item => item[1]),
  rewards: LISTS.map(item => item[2]),
  next_observations: LISTS.map(item => item[3]),
  terminals: LISTS.map(item => item[4]),
};

test.each([
  ['lists', 'json', JSON.stringify(LISTS, null, 1)],
  ['dicts', 'json', JSON.stringify(DICTS)],
  ['a dict of arrays', 'json', JSON.stringify(ARRAYS)],
  ['lists a line', 'jsonl', LISTS.map(item => JSON.stringify(item)).join('\n')],
  ['dicts a line', 'jsonl', DICTS.map(item => `${JSON.stringify(item)}\r\n`).join('')],
  ['lists of lists', 'json', JSON.stringify([LISTS.slice(0, 2), LISTS.slice(2)])],
])('reads transitions as %s in %s', async (_, extension, text) => {
  const { metadata, episodes } = await readDemos(file(`a.${extension}`, text));
  expect(metadata).toBeNull();
  expect(episodes.map(({ length, end }) => [length, end])).toEqual([
    [2, 'terminated'],
    [1, 'truncated'],
  ]);
  expect(episodes[0]?.observations).toEqual(Float32Array.of(1, 2, 3, 4));
  expect(episodes[0]?.rewards).toEqual(Float64Array.of(-1, 0));
});

test('a NaN in a state ends no episode', async () => {
  const { episodes } = await readDemos(join(FIXTURES, 'containers', 'nan-states.pickle'));
  expect(episodes).toHaveLength(1);
});
