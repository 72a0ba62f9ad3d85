import { appendFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveConfig } from '../../src/training/config.ts';
import { RunFeed } from '../../src/training/run-feed.ts';
import { lockRun } from '../../src/training/run-lock.ts';
import { temporaryFolder } from './run-files.ts';

/** A run's folder whose training has so many lines of metrics, a second apart. */
function writeRun(runs: string, name: string, lines: number): string {
  const path = join(runs, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'config.json'), JSON.stringify({ training: resolveConfig({ env: 'SawyerReach-v1' }) }));
  const record = (i: number) => ({ type: 'train', envSteps: 10 * i, updates: 5 * i, seconds: i, learner: {} });
  const text = Array.from({ length: lines }, (_, i) => `${JSON.stringify({ ...record(i + 1), meanReturn: i })}\n`);
  writeFileSync(join(path, 'metrics.jsonl'), text.join(''));
  return path;
}

test('a long run is given in parts, and nothing is lost between them', () => {
  const runs = temporaryFolder();
  writeRun(runs, 'long', 1200);
  const feed = new RunFeed([runs]);
  feed.list();
  const news = feed.follow('long');
  const parts = [...Array(4)].map(() => news());
  expect(parts.map(part => part?.reset)).toEqual([true, false, false, undefined]);
  const series = (name: string) => parts.flatMap(part => part?.series[name]?.values ?? []);
  expect(series('Return/training')).toEqual(Array.from({ length: 1200 }, (_, i) => i));
  // Ten steps a second, also over the seam of two parts.
  expect(series('Speed/environment steps a second')).toEqual(Array(1200).fill(10));
});

test('two runs of one name in two folders are told apart', () => {
  const folder = temporaryFolder();
  const [first, second] = [join(folder, 'monday'), join(folder, 'tuesday')];
  writeRun(first, 'arm', 1);
  writeRun(second, 'arm', 2);
  const feed = new RunFeed([first, second]);
  expect(feed.list().map(({ name }) => name)).toEqual(['arm', 'tuesday/arm']);
  expect(feed.follow('tuesday/arm')()?.series['Return/training']?.values).toEqual([0, 1]);
});

test('of runs that differ in nothing but a folder further up, the path tells', () => {
  const folder = temporaryFolder();
  const paths = ['a', 'b', 'c'].map(name => writeRun(join(folder, name, 'runs'), 'arm', 1));
  expect(new RunFeed(paths).list().map(({ name }) => name)).toEqual(['arm', 'runs/arm', paths[2]]);
  expect(basename(paths[2] ?? '')).toBe('arm');
});

test('a line that lacks what a record has is passed over, and costs no more than itself', () => {
  const runs = temporaryFolder();
  const path = writeRun(runs, 'arm', 1);
  appendFileSync(join(path, 'metrics.jsonl'), '{"type":"train"}\n{"type":"evaluation","purpose":"periodic"}\n');
  appendFileSync(join(path, 'metrics.jsonl'), `${JSON.stringify({ type: 'train', envSteps: 20, meanReturn: 7 })}\n`);
  const feed = new RunFeed([runs]);
  feed.list();
  expect(feed.follow('arm')()?.series['Return/training']).toEqual({ steps: [10, 20], values: [0, 7] });
});

test('the run that goes on is the last one, and runs while its process lives', () => {
  const runs = temporaryFolder();
  const [first, second] = [writeRun(runs, 'first', 1), writeRun(runs, 'second', 1)];
  utimesSync(join(first, 'config.json'), 1, 1);
  utimesSync(join(second, 'config.json'), 2, 2);
  const feed = new RunFeed([runs]);
  const listed = () => feed.list().map(({ name, finished }) => `${name}${finished ? '' : ' runs'}`);
  expect(listed()).toEqual(['first', 'second']);
  utimesSync(join(first, 'config.json'), 3, 3);
  const unlock = lockRun(first);
  expect(listed()).toEqual(['second', 'first runs']);
  unlock();
  expect(listed()).toEqual(['second', 'first']);
});
