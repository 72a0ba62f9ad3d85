import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkNewRecording, DemonstrationExistsError, Recording } from '../../src/demos/index.ts';
import { METADATA, readDemos, sampleEpisodes, temporaryFolder } from './demo-files.ts';

test.each(['.json', '.jsonl'])('a recording into a %s leaves nothing behind without episodes', async extension => {
  const folder = temporaryFolder();
  const out = join(folder, `a${extension}`);
  // As after a kill: nothing is closed, and the next one can begin.
  new Recording(out, METADATA);
  expect(readdirSync(folder)).toEqual([]);
  const recording = new Recording(out, METADATA);
  expect(await recording.finish()).toBeNull();
  expect(readdirSync(folder)).toEqual([]);
  const [episode] = sampleEpisodes();
  const next = new Recording(out, METADATA);
  next.append(episode as NonNullable<typeof episode>); // There are some.
  expect(await next.finish()).toBe(out);
  expect(readdirSync(folder)).toEqual([`a${extension}`]);
});

test('a journal that a kill left with an episode is named before anything starts, with the way to finish it', async () => {
  const folder = temporaryFolder();
  const out = join(folder, 'a.json');
  const killed = new Recording(out, METADATA);
  for (const episode of sampleEpisodes()) killed.append(episode);
  const journal = `${out}.journal.jsonl`;
  expect(existsSync(journal)).toBe(true);
  expect(() => checkNewRecording(out)).toThrow(DemonstrationExistsError);
  expect(() => new Recording(out, METADATA)).toThrow(`graspbridge demos convert ${journal} --out ${out}`);
  expect((await readDemos(journal)).episodes).toHaveLength(sampleEpisodes().length);
});
