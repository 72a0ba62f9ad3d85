import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../../src/common/random.ts';
import { DemonstrationFileError } from '../../src/demos/index.ts';
import { FIXTURES, readDemos, sampleEpisodes, temporaryFolder, writeDemos } from './demo-files.ts';

/** `FUZZ_FILES=100000` is a matter of minutes. */
const FILES = Number(process.env.FUZZ_FILES ?? 6000);
/** Beyond what is in memory before, bytes: files are 2 kB, so this is far from what a length made up could ask for. */
const MEMORY = 400 << 20;

/** Bytes altered, inserted, doubled or left out. */
function damage(bytes: Buffer, alphabet: readonly number[], random: Random): Buffer {
  let out = Buffer.from(bytes);
  for (let i = random.integer(4); i >= 0; i--) {
    const at = random.integer(out.length);
    const byte = random.integer(2) === 0 ? random.integer(256) : (alphabet[random.integer(alphabet.length)] as number);
    const kind = random.integer(10);
    if (kind < 6) out[at] = byte;
    else if (kind === 6) out = Buffer.concat([out.subarray(0, at), Buffer.of(byte), out.subarray(at)]);
    else if (kind === 7) out = Buffer.concat([out.subarray(0, at), out.subarray(at + 1 + random.integer(8))]);
    else if (kind === 8) out = Buffer.concat([out.subarray(0, at), out.subarray(random.integer(at + 1))]);
    else out = out.subarray(0, at + 1);
  }
  return out;
}

/** Reads so many damaged files. Every one gives episodes or an error of ours; else it is thrown. */
async function readDamaged(name: string, originals: readonly Buffer[], alphabet: readonly number[]) {
  const path = join(temporaryFolder(), name);
  const random = new Random(17);
  const count = { read: 0, refused: 0 };
  const before = process.memoryUsage().rss;
  let most = 0;
  for (let i = 0; i < FILES; i++) {
    writeFileSync(path, damage(originals[i % originals.length] as Buffer, alphabet, random));
    try {
      await readDemos(path);
      count.read++;
    } catch (error) {
      if (!(error instanceof DemonstrationFileError)) throw error;
      count.refused++;
    }
    if (i % 500 === 0) most = Math.max(most, process.memoryUsage().rss - before);
  }
  return { ...count, most };
}

test(`${FILES} damaged pickles give an error or transitions each, in bounded memory`, async () => {
  const originals = ['pickles', 'containers'].flatMap(folder =>
    readdirSync(join(FIXTURES, folder))
      .filter(name => !name.endsWith('.json'))
      .map(name => readFileSync(join(FIXTURES, folder, name))),
  );
  // Operations: what a byte altered to is most likely to be understood as.
  const operations = Array.from(
    '\x80\x95.(01N\x88\x89JKM\x8a\x8bGX\x8c\x8dBC\x8e\x96)t\x85\x86\x87]laehjqr\x94c\x93Rb}dsugpIFLSTUV\x81\x92',
    c => c.charCodeAt(0),
  );
  const { read, refused, most } = await readDamaged('a.pickle', originals, operations);
  expect(read + refused).toBe(FILES);
  expect(refused).toBeGreaterThan(FILES / 2);
  expect(read).toBeGreaterThan(FILES / 100);
  expect(most).toBeLessThan(MEMORY);
}, 3_600_000);

test(`${FILES} damaged JSON files of others give an error or episodes each, in bounded memory`, async () => {
  const lists = Array.from({ length: 4 }, (_, i) => [
    [i, i + 0.5],
    [0.5],
    -1,
    [i + 1, i + 1.5],
    i === 2,
    { success: true },
  ]);
  const dicts = lists.map(([observations, actions, rewards, next_observations, dones]) => ({
    ...{ observations: { state: observations }, actions, rewards },
    ...{ next_observations: { state: next_observations }, dones },
  }));
  const originals = [lists, dicts, [lists, lists]].map(value => Buffer.from(JSON.stringify(value)));
  const signs = Array.from('{}[]":,\\-+.eE0123456789ntfNI ', c => c.charCodeAt(0));
  const { read, refused, most } = await readDamaged('c.json', originals, signs);
  expect(read + refused).toBe(FILES);
  expect(refused).toBeGreaterThan(FILES / 4);
  expect(read).toBeGreaterThan(FILES / 100);
  expect(most).toBeLessThan(MEMORY);
}, 3_600_000);

test(`${FILES} damaged JSON files give an error or episodes each, in bounded memory`, async () => {
  const folder = temporaryFolder();
  const path = await writeDemos(join(folder, 'a.json'), sampleEpisodes().slice(0, 2));
  const originals = [readFileSync(path)];
  const signs = Array.from('{}[]":,\\-+.eE0123456789ntf ', c => c.charCodeAt(0));
  const { read, refused, most } = await readDamaged('b.json', originals, signs);
  expect(read + refused).toBe(FILES);
  expect(refused).toBeGreaterThan(FILES / 4);
  expect(read).toBeGreaterThan(FILES / 100);
  expect(most).toBeLessThan(MEMORY);
}, 3_600_000);

test('JSON nested deep, or without end, is refused', async () => {
  const path = join(temporaryFolder(), 'a.json');
  writeFileSync(path, `{"episodes": ${'['.repeat(1_000_000)}`);
  await expect(readDemos(path)).rejects.toThrow('it is nested more than 64 deep');
  writeFileSync(path, `{"format": "${'x'.repeat(1_000_000)}`);
  await expect(readDemos(path)).rejects.toThrow('it ends too early');
});
