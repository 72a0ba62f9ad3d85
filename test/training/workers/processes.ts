import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TrainOptions } from '../../../src/training/index.ts';
import { SMALL } from '../run-files.ts';
import '../point-env.ts';
import './broken-env.ts';
import './stuck-env.ts';

/** Environments of the tests, registered in the workers too. */
export const execArgv = ['../point-env.ts', './broken-env.ts', './stuck-env.ts'].flatMap(file => [
  '--import',
  pathToFileURL(join(import.meta.dirname, file)).href,
]);

export const WITH_WORKERS: TrainOptions = { ...SMALL, workers: 2, finalEpisodes: 10, evalEvery: 400 };

/** Processes of trainings that this one started and that live; none where there is no /proc to look into. */
export function started(pattern: RegExp): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        return parent === process.pid && pattern.test(command) ? [Number(name)] : [];
      } catch {
        return [];
      }
    });
}
