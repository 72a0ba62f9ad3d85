import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { here, lastJson, runsFolder } from './run-cli.ts';

/** A folder with runs that have recorded one evaluation each. */
function folderOf(...names: string[]): string {
  const runs = runsFolder();
  const record = { type: 'evaluation', purpose: 'periodic', envSteps: 500, seconds: 1, episodes: 50, meanLength: 20 };
  for (const [i, name] of names.entries()) {
    mkdirSync(join(runs, name));
    writeFileSync(
      join(runs, name, 'config.json'),
      JSON.stringify({ training: { env: 'SawyerReach-v1', seed: i + 1 } }),
    );
    const line = JSON.stringify({ ...record, successRate: 0.5, successInterval: [0.4, 0.6], meanReturn: -1 });
    writeFileSync(join(runs, name, 'metrics.jsonl'), `${line}\n`);
  }
  return runs;
}

/** What a shell makes of a folder's `*`. */
const glob = (runs: string) => readdirSync(runs).map(name => join(runs, name));

test("plot's own picture among the runs is left out, and said", async () => {
  const runs = folderOf('a', 'b');
  expect((await here('plot', 'a', 'b', '--runs-dir', runs)).code).toBe(0);
  expect(readdirSync(runs)).toContain('curves.svg');
  const again = await here('plot', ...glob(runs), '--runs-dir', runs, '--json');
  expect(again.code).toBe(0);
  expect(again.stderr).toContain(
    `Warning: ${join(runs, 'curves.svg')} is left out: it is a file, and a run is a folder.`,
  );
  expect(lastJson(again.stdout)).toEqual({ runs: ['a', 'b'], out: join(runs, 'curves.svg') });
  const nothing = await here('plot', join(runs, 'curves.svg'));
  expect(nothing.stderr).toContain('None of what was named is a run.');
  expect(nothing.code).toBe(2);
});

test('a path that is no run is told from the runs beside it, wherever they are', async () => {
  const runs = folderOf('monday');
  writeFileSync(join(runs, 'curves.svg'), '<svg/>');
  const { stderr } = await here('plot', join(runs, 'mondy'), '--runs-dir', '/nowhere');
  expect(stderr).toContain(`there is no config.json in ${join(runs, 'mondy')}. Did you mean "monday"?`);
});

test('a run that is named twice, by whatever name, counts once', async () => {
  const runs = folderOf('a', 'b');
  symlinkSync(join(runs, 'a'), join(runs, 'latest'));
  const out = join(runs, 'curves.svg');
  const { stderr } = await here('plot', 'a', 'b', join(runs, 'a'), 'latest', '--runs-dir', runs);
  expect(stderr.match(/^Warning: The run .* is named more than once, and counts once\.$/gm)).toHaveLength(2);
  expect(readFileSync(out, 'utf8')).toContain('2 seeds');
});

test('lines of the metrics that are left out are told once, with their file', async () => {
  const runs = folderOf('a');
  const metrics = join(runs, 'a', 'metrics.jsonl');
  appendFileSync(metrics, '{"type":"train"}\n{"type":"tr\n');
  const { code, stderr } = await here('plot', 'a', '--runs-dir', runs);
  expect(stderr).toBe(`Warning: Left out of ${metrics}: torn or incomplete lines, 2 of them.\n`);
  expect(code).toBe(0);
});

test.each([
  [
    'a folder that is not there',
    ['--out', 'nodir/x.svg'],
    /^Writing the picture nodir\/x.svg failed: there is no folder/,
  ],
  ['a file for a folder', ['--out', 'package.json/of/x.svg'], /there is no folder/],
  ['no folder for the picture of several', ['--runs-dir', '/nowhere'], /there is no folder \/nowhere\. Make it, or/],
  ['no width', ['--out', 'x.png', '--width', '0'], /^--width needs a whole number from 100 to 10000, but got 0\.$/],
  ['a width below nothing', ['--out', 'x.png', '--width=-5'], /but got -5\.$/],
  ['a width of kilometres', ['--out', 'x.png', '--width', '1e9'], /but got 1000000000\.$/],
  ['half a pixel', ['--out', 'x.png', '--width', '600.5'], /needs a whole number/],
])('%s is said before anything is drawn', async (_, args, message) => {
  const { code, stdout, stderr } = await here('plot', ...glob(folderOf('a', 'b')), ...args);
  expect(stderr.trimEnd()).toMatch(message);
  expect(stdout + stderr).not.toMatch(/^\s+at /m);
  expect(code).toBe(2);
});

test('a picture that cannot be written is said to be, and leaves nothing', async () => {
  const runs = folderOf('a');
  mkdirSync(join(runs, 'x.svg'));
  const { code, stderr } = await here('plot', 'a', '--runs-dir', runs, '--out', join(runs, 'x.svg'));
  expect(stderr).toContain(`Writing the picture ${join(runs, 'x.svg')} failed: it is a directory`);
  expect(code).toBe(1);
  expect(readdirSync(runs)).toEqual(['a', 'x.svg']);
  expect(existsSync(join(runs, 'a', 'curves.svg'))).toBe(false);
});

test('a width is rejected for an SVG, and another extension names those that can be drawn', async () => {
  const runs = folderOf('a');
  const width = await here('plot', 'a', '--width', '300', '--runs-dir', runs);
  expect(width.stderr).toContain('--width is the width of a PNG');
  expect(width.code).toBe(2);
  const pdf = await here('plot', 'a', '--out', join(runs, 'a.pdf'), '--runs-dir', runs);
  expect(pdf.stderr).toContain('Curves are drawn as .svg or .png');
  expect(pdf.code).toBe(2);
  expect(existsSync(join(runs, 'a.pdf'))).toBe(false);
});

test('a run without evaluations is drawn from its training episodes, and said', async () => {
  const runs = folderOf('a');
  const record = { type: 'train', envSteps: 250, episodes: 9, updates: 0, seconds: 1, meanReturn: -3, meanLength: 28 };
  writeFileSync(join(runs, 'a', 'metrics.jsonl'), `${JSON.stringify({ ...record, successRate: 0.1, learner: {} })}\n`);
  const { code, stdout, stderr } = await here('plot', 'a', '--runs-dir', runs);
  expect(code).toBe(0);
  expect(stdout).toContain('Curves of a');
  expect(stderr).toContain('a has no evaluation yet');
  expect(readFileSync(join(runs, 'a', 'curves.svg'), 'utf8')).not.toMatch(/NaN|undefined|0 episodes/);
  writeFileSync(join(runs, 'a', 'metrics.jsonl'), '');
  const empty = await here('plot', 'a', '--runs-dir', runs);
  expect(empty.stderr).toContain('a has recorded nothing yet');
});
