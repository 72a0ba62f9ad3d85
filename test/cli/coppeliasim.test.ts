import { afterAll, beforeAll, expect, test } from 'vitest';
import { Served } from '../bridge/coppeliasim/served.ts';
import { cli, runsFolder, small } from './run-cli.ts';

let served: Served;
beforeAll(async () => {
  served = await Served.start();
}, 30_000);
afterAll(() => served?.kill());

test('train, test and export work on a running simulator, and say where it is', async () => {
  const runs = runsFolder();
  const there = ['--simulator', 'coppeliasim', '--address', String(served.port)];
  const trained = await cli(...small(runs, 'there'), ...there);
  expect(trained.stderr).toBe('');
  expect(trained.code).toBe(0);
  expect(trained.stdout).toMatch(new RegExp(`simulator +coppeliasim 4\\.10\\.0, running at ${served.address}`));
  const [tested, exported] = await Promise.all([
    cli('test', '--runs-dir', runs, '--run', 'there', '--episodes', '2'),
    // The file is checked on the embedded simulator: the two at once would take the other one from each other.
    cli('export', '--runs-dir', runs, '--run', 'there', '--simulator', 'mujoco'),
  ]);
  expect(tested.stdout).toContain(`running at ${served.address}`);
  // The same numbers as on our side, in what stands for the status bar.
  const told = [...tested.stdout.matchAll(/episode +(\d+) +\w+ +return +(\S+) +(\d+) steps/g)];
  expect(told).toHaveLength(2);
  for (const [, number, total, steps] of told)
    await served.until(new RegExp(`Log: graspbridge: episode ${number} \\w+, return ${total}, ${steps} steps`));
  expect(tested.code).toBe(0);
  expect(exported.code).toBe(0);
}, 120_000);

test('an installation that is not there is an error that says where it was looked for', async () => {
  const refused = await cli(...small(runsFolder(), 'never'), '--simulator', 'coppeliasim', '--coppeliasim', '/no/such');
  expect(refused.stderr).toContain('/no/such (--coppeliasim)');
  expect(refused.code).toBe(1);
}, 30_000);
