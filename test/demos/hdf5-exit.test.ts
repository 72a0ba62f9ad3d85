import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { type Finished, startCli } from '../cli/run-cli.ts';
import { FIXTURES, readDemos, temporaryFolder } from './demo-files.ts';

const INDEX = pathToFileURL(resolve(import.meta.dirname, '../../src/demos/index.ts')).href;
const IMAGES = join(FIXTURES, 'hdf5', 'made-images.hdf5');
const PLAIN = join(FIXTURES, 'hdf5', 'plain.hdf5');
/** A command that does not end is one that would never: the wait is long, for a machine under load. */
const LIMIT = 120_000;

/** Runs a command to its end; kills it and throws when it does not end by itself. */
async function endOf(...args: string[]): Promise<Finished> {
  const { child, finished } = startCli(args);
  onTestFinished(() => void child.kill('SIGKILL'));
  const end = await Promise.race([finished, new Promise<null>(resolve => setTimeout(resolve, LIMIT, null).unref())]);
  if (end === null) throw new Error(`graspbridge ${args.join(' ')} did not end`);
  return end;
}

test.each(['inspect', 'validate'])(
  'demos %s of an HDF5 file ends',
  async action => {
    expect(await endOf('demos', action, PLAIN)).toMatchObject({ code: 0, stderr: '' });
  },
  2 * LIMIT,
);

test(
  'demos convert from and to HDF5 ends, with whole files',
  async () => {
    const folder = temporaryFolder();
    const [json, hdf5] = [join(folder, 'a.json'), join(folder, 'b.hdf5')];
    expect(await endOf('demos', 'convert', PLAIN, '--out', json)).toMatchObject({ code: 0, stderr: '' });
    expect(await endOf('demos', 'convert', json, '--out', hdf5)).toMatchObject({ code: 0, stderr: '' });
    expect((await readDemos(hdf5)).episodes).toHaveLength(3);
  },
  3 * LIMIT,
);

test(
  'record --out x.hdf5 ends, and so does train --demos x.hdf5',
  async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'x.hdf5');
    const recorded = await endOf('record', '--env', 'SawyerGrasp-v1', '--episodes', '2', '--out', out);
    expect(recorded).toMatchObject({ code: 0, stderr: '' });
    expect((await readDemos(out)).episodes).toHaveLength(2);
    const nets = ['actorHidden=[16,16]', 'criticHidden=[16,16]', 'batchSize=16'];
    const trained = await endOf(
      ...['train', '--env', 'SawyerGrasp-v1', '--demos', out, '--runs-dir', folder, '--steps', '60'],
      ...['--until-success', '0', '--random-steps', '20', '--eval-every', '100', '--final-episodes', '1'],
      ...nets.flatMap(option => ['--agent-option', option]),
    );
    expect(trained.code, trained.stderr).toBe(0);
  },
  3 * LIMIT,
);

test(
  'a program that never closes a reader ends',
  async () => {
    const program = `
      import { openDemonstrations } from '${INDEX}';
      const reader = await openDemonstrations(process.argv[1], { observationKeys: [] });
      const failing = await openDemonstrations('${IMAGES}');
      for (const each of [reader, failing])
        try {
          for await (const episode of each.episodes()) { console.log(episode.length); break; }
        } catch (error) { console.log(error.name); }`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type', 'module', '-e', program, PLAIN]);
    onTestFinished(() => void child.kill('SIGKILL'));
    let printed = '';
    child.stdout.on('data', text => {
      printed += text;
    });
    const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT);
    const [code] = await once(child, 'close');
    clearTimeout(limit);
    expect([code, printed]).toEqual([0, '6\nUndecidedObservationsError\n']);
  },
  2 * LIMIT,
);

test(
  'an HDF5 file that is refused ends with exit code 1',
  async () => {
    const damaged = join(temporaryFolder(), 'damaged.hdf5');
    writeFileSync(damaged, readFileSync(PLAIN).subarray(0, 3000));
    expect((await endOf('demos', 'inspect', damaged)).code).toBe(1);
  },
  2 * LIMIT,
);
