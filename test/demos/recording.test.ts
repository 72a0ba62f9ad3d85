import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../../src/common/random.ts';
import { checkNewRecording, DemonstrationExistsError, Recording, randomActor, record } from '../../src/demos/index.ts';
import { journalPath } from '../../src/demos/journal.ts';
import { type Env, NormalizedActions } from '../../src/envs/index.ts';
import { PointEnv } from '../envs/toy-env.ts';
import { METADATA, readDemos, sampleEpisodes, temporaryFolder } from './demo-files.ts';

/** Of a process that is gone: no system gives out such a number. */
const STALE_LOCK = JSON.stringify({ pid: 2 ** 30, host: hostname(), started: '1' });

test.each(['.json', '.jsonl'])('refuses a second recording into a %s before its first episode', async extension => {
  const folder = temporaryFolder();
  const out = join(folder, `a${extension}`);
  const first = new Recording(out, METADATA);
  expect(() => checkNewRecording(out)).toThrow(DemonstrationExistsError);
  expect(() => new Recording(out, METADATA)).toThrow('Another recording is writing to');
  const [episode] = sampleEpisodes();
  first.append(episode as NonNullable<typeof episode>); // There are some.
  expect(() => new Recording(out, METADATA)).toThrow('Another recording is writing to');
  expect(await first.finish()).toBe(out);
  expect(readdirSync(folder)).toEqual([`a${extension}`]);
  expect((await readDemos(out)).episodes).toHaveLength(1);
});

test.each(['.json', '.jsonl'])('a recording into a %s leaves nothing behind without episodes', async extension => {
  const folder = temporaryFolder();
  const out = join(folder, `a${extension}`);
  // As after a kill: nothing is closed, and the next one can begin.
  writeFileSync(`${journalPath(out)}.lock`, STALE_LOCK);
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
  expect(() => checkNewRecording(out)).toThrow(`Another recording is writing to ${journal}`);
  writeFileSync(`${journal}.lock`, STALE_LOCK);
  expect(() => checkNewRecording(out)).toThrow(DemonstrationExistsError);
  expect(() => new Recording(out, METADATA)).toThrow(`graspbridge demos convert ${journal} --out ${out}`);
  expect((await readDemos(journal)).episodes).toHaveLength(sampleEpisodes().length);
});

test('an environment that reports no success is recorded as such, and cannot be asked for successful episodes', async () => {
  const env = new NormalizedActions(new PointEnv()) as unknown as Env;
  const silent: Env = {
    observationSpace: env.observationSpace,
    actionSpace: env.actionSpace,
    reset: options => env.reset(options),
    step: async action => ({ ...(await env.step(action)), info: {} }),
    close: () => env.close(),
  };
  const { software: _, policy, ...description } = METADATA;
  const random = new Random(1);
  const request = { description, policy, seed: 1, episodes: 2, env: silent, actor: randomActor(silent, random) };
  const out = join(temporaryFolder(), 'a.json');
  await record({ ...request, out });
  expect((await readDemos(out)).episodes.map(({ success }) => success)).toEqual([null, null]);
  const other = join(temporaryFolder(), 'b.json');
  await expect(record({ ...request, out: other, onlySuccessful: true })).rejects.toThrow('does not report success');
  expect(existsSync(other)).toBe(false);
});
