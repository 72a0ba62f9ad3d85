import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadDemonstrations, openDemonstrations, validateDemonstrations } from '../../src/demos/index.ts';
import { cli, lastJson, runsFolder, small, startCli } from './run-cli.ts';

test('the expert is recorded into a pickle, and convert, validate, inspect and replay take it', async () => {
  const folder = runsFolder();
  const out = join(folder, 'lift.pickle');
  const options = ['--env', 'SawyerLift-v1', '--noise', '0.3', '--only-successful', '--seed', '5'];
  const recorded = await cli('record', ...options, '--episodes', '3', '--out', out, '--json');
  expect(recorded.code, recorded.stderr).toBe(0);
  expect(recorded.stderr).toMatch(/^episode +1 {2}(success|failure) {2}return .* steps$/m);
  expect(lastJson(recorded.stdout)).toMatchObject({ out, episodes: 3, successes: 3, interrupted: false });
  expect(readdirSync(folder).sort()).toEqual(['lift.pickle', 'lift.pickle.json']);

  const again = await cli('record', '--out', out);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain(`${out} failed: it exists. Choose another --out`);

  const json = join(folder, 'lift.json');
  const converted = await cli('demos', 'convert', out, '--out', json);
  expect(converted.code, converted.stderr).toBe(0);
  expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
    format: 'graspbridge-demonstrations',
    metadata: { policy: { name: 'expert', noise: 0.3 }, seed: 5, onlySuccessful: true },
  });

  const validated = await cli('demos', 'validate', json, out, '--json');
  expect(validated.code, validated.stderr).toBe(0);
  expect(lastJson(validated.stdout)).toMatchObject([{ valid: true }, { valid: true }]);

  const inspected = await cli('demos', 'inspect', json);
  expect(inspected.stdout).toMatch(/success +3 of 3 \(100 %\)/);
  expect(inspected.stdout).toMatch(/lifted_height +-?\d/);

  const replayed = await cli('demos', 'replay', json, '--tolerance', '0', '--json');
  expect(replayed.code, replayed.stderr).toBe(0);
  expect(lastJson(replayed.stdout)).toMatchObject({ episodes: 3, identical: 3, largestDifference: 0 });
});

test("a run's policy is recorded in the run's own environment", async () => {
  const runs = runsFolder();
  expect((await cli(...small(runs, 'mine', 60))).code).toBe(0);
  const out = join(runs, 'mine.jsonl');
  const recorded = await cli(
    'record',
    '--policy',
    'mine',
    '--runs-dir',
    runs,
    '--episodes',
    '2',
    '--out',
    out,
    '--json',
  );
  expect(recorded.code, recorded.stderr).toBe(0);
  const { files } = await loadDemonstrations([out]);
  expect(files[0]?.metadata).toMatchObject({ environment: { id: 'SawyerReach-v1' } });
  expect(files[0]?.metadata?.policy.name).toMatch(/step-\d+\.checkpoint$/);
  const other = await cli(
    'record',
    '--policy',
    'mine',
    '--runs-dir',
    runs,
    '--env',
    'SawyerLift-v1',
    '--out',
    join(runs, 'x.json'),
  );
  expect(other.code).toBe(2);
  expect(other.stderr).toContain('was trained in SawyerReach-v1, not in SawyerLift-v1');
});

test('a damaged file is refused with exit code 1, defects are named, and wrong usage is 2', async () => {
  const folder = runsFolder();
  const pickle = join(import.meta.dirname, '../fixtures/demos/pickles/hostile-os-system-5.pickle');
  const hostile = await cli('demos', 'inspect', pickle);
  expect(hostile.code).toBe(1);
  expect(hostile.stderr).toMatch(/(posix|os)\.system, which is refused/);
  expect(hostile.stderr).not.toMatch(/^\s+at /m);
  const wide = await cli('demos', 'validate', pickle.replace('hostile-os-system-5', 'numpy2-protocol4'));
  expect(wide.code).toBe(1);
  expect(wide.stdout).toMatch(/: episode 3, step 0: number 1 of the action is 255, outside \[-1, 1\]/);
  for (const [args, message] of [
    [['record'], 'record needs a file to write'],
    [['record', '--out', join(folder, 'a.npz')], 'Known extensions: .json'],
    [['record', '--out', join(folder, 'a.json'), '--noise', '3'], '--noise needs a number from 0 to 1, but got 3.'],
    [['demos'], 'demos needs to know what to do'],
    [['demos', 'inspct', 'a.json'], 'Did you mean "inspect"?'],
    [['demos', 'convert', 'a.json'], 'demos convert needs a file to write'],
  ] as const) {
    const { code, stderr } = await cli(...args);
    expect(stderr).toContain(message);
    expect(code, stderr).toBe(2);
  }
  expect(readdirSync(folder)).toEqual([]);
});

/** A recording that goes on for longer than the test does. */
const endless = (out: string) => [
  'record',
  '--policy',
  'random',
  '--env',
  'SawyerReach-v1',
  '--episodes',
  '1000000',
  '--out',
  out,
];

test('Ctrl-C keeps the episodes that had ended, in the format asked for, with exit code 130', async () => {
  const out = join(runsFolder(), 'a.pickle');
  const running = startCli([...endless(out), '--json']);
  await running.until(/episode +3 /);
  running.child.kill('SIGINT');
  const stopped = await running.finished;
  expect(stopped.stderr).toContain('Stopping: episodes that ended are kept.');
  expect(stopped.code, stopped.stderr).toBe(130);
  const result = lastJson(stopped.stdout);
  expect(result).toMatchObject({ out, interrupted: true });
  expect(await validateDemonstrations(out)).toMatchObject({ episodes: result.episodes, valid: true });
});

test('killed, a recording keeps every episode that had ended, and convert finishes it', async () => {
  const folder = runsFolder();
  const out = join(folder, 'a.pickle');
  const running = startCli(endless(out));
  await running.until(/episode +20 /);
  running.child.kill('SIGKILL');
  const { stdout } = await running.finished;
  const told = [...stdout.matchAll(/^episode +(\d+) /gm)].length;
  expect(existsSync(out)).toBe(false);
  const journal = `${out}.journal.jsonl`;
  const refused = await cli(...endless(out));
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(`graspbridge demos convert ${journal} --out ${out}`);
  const converted = await cli('demos', 'convert', journal, '--out', out, '--json');
  expect(converted.code, converted.stderr).toBe(0);
  expect(converted.stderr).toMatch(/Recording was cut short (within episode|after) \d+/);
  const result = lastJson(converted.stdout);
  // One more may have ended whose line was not yet out.
  expect(result.episodes).toBeGreaterThanOrEqual(told);
  expect(await validateDemonstrations(out)).toMatchObject({ episodes: result.episodes, valid: true });
});

// A file system of 200 kB of its own, where an unprivileged user may mount one.
const folder = mkdtempSync(join(tmpdir(), 'graspbridge-disk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const mount = `mount -t tmpfs -o size=200k tmpfs ${folder}`;
const unshare = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c'];
const canMount = spawnSync(unshare[0] as string, [...unshare.slice(1), mount]).status === 0;

test.skipIf(!canMount)('on a full disk recording says so, and what was recorded stays', async () => {
  const copy = runsFolder();
  const script = `${mount} && "$@"; code=$?; cp -r ${folder}/. ${copy}; exit $code`;
  const out = join(folder, 'a.json');
  const end = await startCli(endless(out), [...unshare, script, 'sh']).finished;
  expect(end.code, end.stderr).toBe(1);
  expect(end.stderr).toMatch(/Recording into .* failed after \d+ episodes: ENOSPC/);
  expect(end.stderr).toMatch(
    /The \d+ episodes before are safe\. Free some space, then finish with: graspbridge demos convert/,
  );
  const told = Number(/The (\d+) episodes before are safe/.exec(end.stderr)?.[1]);
  const journal = join(copy, 'a.json.journal.jsonl');
  expect(statSync(journal).size).toBeLessThanOrEqual(200 * 1024);
  const reader = await openDemonstrations(journal);
  let episodes = 0;
  for await (const _ of reader.episodes()) episodes++;
  await reader.close();
  expect(episodes).toBe(told);
  expect(reader.incomplete).toContain('was left out');
});
