/**
 * Runs the tests with other versions of Node: `npm run test:node -- 22 24 [-- test/common --maxWorkers 1]`.
 *
 * What follows the second `--` goes to vitest.
 */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join, resolve } from 'node:path';
import { nodeOf } from './node-versions.ts';

const ROOT = resolve(import.meta.dirname, '..');
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');

const words = process.argv.slice(2);
const end = words.includes('--') ? words.indexOf('--') : words.length;
const versions = words.slice(0, end);
if (versions.length === 0 || versions.some(version => !/^\d+(\.\d+){0,2}$/.test(version))) {
  console.error(`Expected versions of Node, such as 22 24, but got "${versions.join(' ')}".`);
  process.exit(2);
}
const failed = versions.filter(version => {
  const node = nodeOf(version);
  console.log(`\nNode ${version}: ${node}`);
  const { status } = spawnSync(node, [VITEST, 'run', '--project', '!package', ...words.slice(end + 1)], {
    cwd: ROOT,
    stdio: 'inherit',
    // Programs that tests start by name are of this version, too.
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
  });
  return status !== 0;
});
if (failed.length > 0) console.error(`\nThe tests failed with Node ${failed.join(', ')}.`);
process.exitCode = failed.length > 0 ? 1 : 0;
