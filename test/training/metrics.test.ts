import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MetricsLog, type MetricsRecord, readMetrics } from '../../src/training/metrics.ts';
import { temporaryFolder } from './run-files.ts';

const fail = (error: unknown) => {
  throw error;
};

const line = (envSteps: number): MetricsRecord => ({
  type: 'train',
  envSteps,
  episodes: envSteps / 10,
  updates: envSteps,
  seconds: envSteps / 500,
  meanReturn: -1,
  meanLength: 10,
  successRate: 0,
  learner: { criticLoss: 1.25 },
});

const final = (envSteps: number): MetricsRecord => ({
  type: 'evaluation',
  purpose: 'final',
  envSteps,
  seconds: 1,
  episodes: 200,
  successRate: 1,
  successInterval: [0.98, 1],
  meanReturn: 9,
  meanLength: 12,
});

function write(path: string, from: number | null, records: readonly MetricsRecord[]): void {
  const log = new MetricsLog(path, from, fail);
  for (const record of records) log.append(record);
  log.close();
}

const stepsIn = (path: string) => readMetrics(path).map(record => record.envSteps);

test('killed at any byte, the whole lines before remain, and the run goes on after them', () => {
  const path = join(temporaryFolder(), 'metrics.jsonl');
  write(path, null, [line(100), line(200), line(300)]);
  const whole = readFileSync(path);
  const ends = [...whole.keys()].filter(i => whole[i] === 0x0a).map(i => i + 1);
  for (let size = whole.length; size >= 0; size -= 3) {
    writeFileSync(path, whole);
    truncateSync(path, size);
    const complete = ends.filter(end => end <= size).length;
    expect(stepsIn(path), `${size} bytes`).toEqual([100, 200, 300].slice(0, complete));
    write(path, 1000, [line(900)]);
    expect(stepsIn(path), `${size} bytes`).toEqual([...[100, 200, 300].slice(0, complete), 900]);
  }
});

test('lines after the checkpoint that is continued are dropped, and so is the final evaluation', () => {
  const path = join(temporaryFolder(), 'metrics.jsonl');
  write(path, null, [line(100), line(200), line(300), line(400)]);
  write(path, 250, [line(300), final(300)]);
  expect(stepsIn(path)).toEqual([100, 200, 300, 300]);
  write(path, 300, [line(400)]);
  expect(stepsIn(path)).toEqual([100, 200, 300, 400]);
});

test('an absent file is an empty one', () => {
  const path = join(temporaryFolder(), 'metrics.jsonl');
  expect(readMetrics(path)).toEqual([]);
  write(path, 500, [line(600)]);
  expect(stepsIn(path)).toEqual([600]);
});

test('a damaged line costs that line only, when metrics are read and when the run goes on', () => {
  const path = join(temporaryFolder(), 'metrics.jsonl');
  write(path, null, [line(100), line(200), line(300), final(300)]);
  const [first = '', second = '', ...rest] = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, [first, second.slice(0, 40), '{"type":"train"}', 'null', ...rest].join('\n'));
  const damaged: number[] = [];
  expect(readMetrics(path, lines => damaged.push(lines)).map(record => record.envSteps)).toEqual([100, 300, 300]);
  expect(damaged).toEqual([3]);
  write(path, 300, [line(400)]);
  expect(stepsIn(path)).toEqual([100, 300, 400]);
});

test('what is not finite is null in a file, and no damage where it is a value of the learner', () => {
  const path = join(temporaryFolder(), 'metrics.jsonl');
  write(path, null, [{ ...line(100), learner: { criticLoss: Number.NaN } } as MetricsRecord]);
  expect(readMetrics(path, () => expect.unreachable())).toHaveLength(1);
});
