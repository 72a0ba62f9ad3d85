import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeCheckpoint } from '../../src/training/index.ts';
import { here, runsFolder } from './run-cli.ts';

/** A folder with a run from someone else, whose configuration names a module that came with it. */
function givenRun(): { readonly runs: string; readonly marker: string; readonly module: string } {
  const runs = runsFolder();
  const run = join(runs, 'given');
  const marker = join(runs, 'marker');
  const module = join(run, 'policy.mjs');
  const config = { env: 'SawyerReach-v1', algorithm: module, seed: 1 };
  mkdirSync(join(run, 'checkpoints'), { recursive: true });
  writeFileSync(module, `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(marker)}, '');\n`);
  writeFileSync(join(run, 'config.json'), JSON.stringify({ training: config }));
  const meta = { config, envSteps: 5, updates: 5, evaluation: null };
  writeCheckpoint(join(run, 'checkpoints', 'step-000000005.checkpoint'), { meta, state: {} });
  return { runs, marker, module };
}

test.each([
  ['test', ['--run', 'given']],
  ['test', ['--run', 'given', '--gui', '--no-open']],
  ['export', ['--run', 'given']],
  ['record', ['--policy', 'given', '--out', 'never-written.json']],
  ['teleoperate', ['--policy', 'given', '--no-open']],
  ['train', ['--resume', '--name', 'given']],
])('%s %j runs no module that only the run names, and ends with exit code 2', async (command, options) => {
  const { runs, marker, module } = givenRun();
  const { code, stderr } = await here(command, ...options, '--runs-dir', runs);
  expect(stderr).toContain(`policy module ${module}: it is outside the working folder`);
  expect(stderr).toContain(`--trust ${module}`);
  expect(code).toBe(2);
  expect(existsSync(marker)).toBe(false);
});

test('test --trust loads the module that the run names', async () => {
  const { runs, marker, module } = givenRun();
  const { code, stdout, stderr } = await here('test', '--run', 'given', '--runs-dir', runs, '--trust', module);
  expect(stdout).toContain(`Using the policy module ${module}, which the checkpoint `);
  expect(stderr).toContain('has no algorithm as its default export');
  expect(code).toBe(2);
  expect(existsSync(marker)).toBe(true);
});

test.each([
  [['train', '--trust', '.']],
  [['record', '--trust', '.', '--out', 'never-written.json']],
  [['worker', '--learner', 'tcp://127.0.0.1:9', '--trust', 'no-such-folder']],
])('%j is wrong usage', async args => {
  const { code, stderr } = await here(...args);
  expect(stderr).toContain('--trust');
  expect(code).toBe(2);
});
