import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { Announcer } from '../../src/training/announcer.ts';
import { train } from '../../src/training/index.ts';
import { temporaryFolder } from './run-files.ts';

const episode = { success: true, return: 1.234, length: 45 };

test('a simulator that cannot show results is asked once, and one warning says so', async () => {
  const shown: string[] = [];
  const warnings: string[] = [];
  const simulator = {
    async announce(text: string) {
      shown.push(text);
      throw new Error('No such function: sim.addLog');
    },
  };
  const announcer = new Announcer(simulator, message => warnings.push(message));
  for (const number of [1, 2, 3]) {
    announcer.episode(number, episode);
    await new Promise(resolve => setImmediate(resolve));
  }
  expect(shown).toEqual(['graspbridge: episode 1 succeeded, return 1.23, 45 steps']);
  expect(warnings).toEqual([expect.stringContaining('No such function: sim.addLog')]);
});

test('a simulator that takes nothing is waited for by nobody, and keeps at most 16 lines waiting', async () => {
  const waiting: (() => void)[] = [];
  const announcer = new Announcer({ announce: () => new Promise(resolve => waiting.push(resolve)) }, () => {});
  for (let number = 1; number <= 100; number++) announcer.episode(number, episode);
  expect(waiting).toHaveLength(16);
  for (const done of waiting) done();
  await new Promise(resolve => setImmediate(resolve));
  announcer.episode(101, episode);
  expect(waiting).toHaveLength(17);
});

test('where there is no window, nothing happens', () => {
  const announcer = new Announcer({}, () => expect.unreachable());
  announcer.episode(1, episode);
  new Announcer(null, () => expect.unreachable()).episode(1, episode);
});

test('a CoppeliaSim that is started with its window for a training shows every episode of it', async () => {
  const folder = temporaryFolder();
  const log = join(folder, 'simulator.log');
  const simulatorOptions = {
    coppeliasim: resolve(import.meta.dirname, '../fixtures/served-coppeliasim'),
    scene: resolve(import.meta.dirname, '../../scenes/sawyer-grasp.xml'),
    gui: true,
    log,
  };
  const summary = await train({
    options: {
      ...{ env: 'SawyerReach-v1', simulator: 'coppeliasim', simulatorOptions, steps: 90, untilSuccess: 0 },
      ...{ finalEpisodes: 0, randomSteps: 1000 },
    },
    runsDirectory: folder,
  });
  expect(summary.warnings).toEqual([expect.stringContaining('Nothing is learned in 90 steps')]);
  const numbers = [...readFileSync(log, 'utf8').matchAll(/Log: graspbridge: episode (\d+) /g)].map(([, n]) =>
    Number(n),
  );
  expect(numbers).toEqual(Array.from({ length: summary.episodes }, (_, i) => i + 1));
  expect(summary.episodes).toBeGreaterThanOrEqual(3);
}, 60_000);
