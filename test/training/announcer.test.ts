import { expect, test } from 'vitest';
import { Announcer } from '../../src/training/announcer.ts';

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
