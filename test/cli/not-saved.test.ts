import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CheckpointStore } from '../../src/training/index.ts';
import { cli, lastJson, runsFolder, small, startCli } from './run-cli.ts';

/** Files can have no more than so many blocks of 512 bytes there, whoever runs it; pipes are no files. */
const limited = (blocks: number) => ['sh', '-c', `trap "" XFSZ; ulimit -f ${blocks}; exec "$@"`, 'sh'];
const hasLimits = process.platform !== 'win32';

test.skipIf(!hasLimits)(
  'train fails if its checkpoint does not fit on the disk, and names what is missing',
  async () => {
    const runs = runsFolder();
    const end = await startCli([...small(runs, 'mine', 160), '--json'], limited(40)).finished;
    expect(end.code, end.stderr).toBe(1);
    expect(end.stderr).toMatch(/Not saved: The checkpoint of step \d+: .* failed: EFBIG.*There is no checkpoint yet\./);
    expect(lastJson(end.stdout)).toMatchObject({ checkpoint: null, missing: [expect.stringContaining('EFBIG')] });
    // A run that was never saved can be resumed, from the start.
    const resumed = await cli('train', '--resume', '--name', 'mine', '--runs-dir', runs);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toContain('was stopped before its first checkpoint: it starts over at step 0');
  },
);

test.skipIf(!hasLimits)('every command fails if its file cannot be written, and leaves nothing of it', async () => {
  const runs = runsFolder();
  const at = (name: string) => join(runs, name);
  expect((await cli(...small(runs, 'mine', 60))).code).toBe(0);
  expect((await cli('record', '--out', at('good.json'), '--episodes', '1')).code).toBe(0);
  const before = readdirSync(runs, { recursive: true });
  const commands = [
    small(runs, 'other', 60),
    ['export', '--run', 'mine', '--runs-dir', runs, '--out', at('policy.onnx')],
    ['plot', 'mine', '--runs-dir', runs, '--out', at('curves.png')],
    ['record', '--out', at('demos.jsonl'), '--episodes', '1'],
    ['record', '--out', at('demos.hdf5'), '--episodes', '1'],
    ['demos', 'convert', at('good.json'), '--out', at('other.jsonl')],
    ['demos', 'convert', at('good.json'), '--out', at('other.pickle')],
    ['demos', 'convert', at('good.json'), '--out', at('other.hdf5')],
    ['keys', 'new', '--out', runs],
  ];
  for (const command of commands) {
    const end = await startCli(command, limited(0)).finished;
    expect(end.code, `${command.join(' ')}\n${end.stderr}`).toBe(1);
    expect(end.stderr, command.join(' ')).not.toMatch(/^\s+at /m);
    expect(readdirSync(runs, { recursive: true }), command.join(' ')).toEqual(before);
  }
});

test('train ends with an error when its folder is deleted, and does not make it anew', async () => {
  const runs = runsFolder();
  const running = startCli(small(runs, 'mine', 100_000));
  await running.until(/evaluat/);
  // Deleting a folder is many steps; the training sees only the last one.
  running.child.kill('SIGSTOP');
  rmSync(join(runs, 'mine'), { recursive: true });
  running.child.kill('SIGCONT');
  const end = await running.finished;
  expect(end.code).toBe(1);
  expect(end.stderr).toContain(`the folder ${join(runs, 'mine')} of the run is gone (it was deleted`);
  expect(end.stderr).toContain('No checkpoint is left there.');
  expect(existsSync(join(runs, 'mine'))).toBe(false);
});

test.each([
  ['its folder is moved', '', process.platform === 'linux' ? 'it was moved to' : 'is gone'],
  ['the folder of its checkpoints is moved', 'checkpoints', 'is gone'],
  ['its metrics are deleted', 'metrics.jsonl', 'the file was deleted, moved or replaced meanwhile'],
])('train ends with an error when %s', async (_, what, message) => {
  const runs = runsFolder();
  const running = startCli(small(runs, 'mine', 100_000));
  await running.until(/evaluat/);
  const moved = join(runs, 'moved');
  renameSync(join(runs, 'mine', what), moved);
  const end = await running.finished;
  expect(end.code).toBe(1);
  expect(end.stderr).toContain(message);
  expect(existsSync(join(runs, 'mine', what))).toBe(false);
  if (what === '' && process.platform === 'linux')
    expect(end.stderr).toContain(
      `The last good checkpoint is ${new CheckpointStore(join(moved, 'checkpoints')).latest()}.`,
    );
});
