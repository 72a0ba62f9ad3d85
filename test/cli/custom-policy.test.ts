import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { cli, lastJson, runsFolder } from './run-cli.ts';

const example = resolve(import.meta.dirname, '../../examples/remembering.ts');

test('train --policy takes an algorithm of one’s own; test, plot and --resume know it from the run', async () => {
  const runs = runsFolder();
  const where = ['--runs-dir', runs];
  const small = ['--steps', '1000', '--eval-episodes', '2', '--final-episodes', '3', '--json'];
  const trained = await cli(
    'train',
    '--policy',
    example,
    '--env',
    'CartPoleMasked-v1',
    ...where,
    '--name',
    'm',
    ...small,
  );
  expect(trained.stderr).toContain('remembering.ts');
  expect(trained.code).toBe(0);
  expect(lastJson(trained.stdout)).toMatchObject({ run: 'm', algorithm: example });

  const more = await cli('train', '--resume', '--name', 'm', ...where, '--steps', '1500', '--json');
  expect(lastJson(more.stdout).envSteps).toBeGreaterThanOrEqual(1500);
  const tested = await cli('test', '--run', 'm', ...where, '--episodes', '2', '--json');
  expect(lastJson(tested.stdout)).toMatchObject({ episodes: 2 });
  expect((await cli('plot', join(runs, 'm'), '--out', join(runs, 'curves.svg'))).code).toBe(0);
});

test('what is no algorithm is wrong usage, and leaves nothing', async () => {
  const runs = runsFolder();
  const module = join(runs, 'none.mjs');
  writeFileSync(module, 'export const nothing = 1;');
  const ended = await cli('train', '--policy', module, '--runs-dir', join(runs, 'runs'));
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain(`The policy ${module} has no algorithm as its default export`);
  const both = await cli('train', '--policy', module, '--algo', 'ppo');
  expect(both.code).toBe(2);
  expect(both.stderr).toContain('Both --algo and --policy');
});
