import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { TrainSummary } from '../src/training/index.ts';

/** Trains once in a process of its own, as a user would, and returns what `--json` said last, with its evaluation. */
export function trainOnce(
  options: readonly string[],
): Promise<TrainSummary & { readonly evaluation: NonNullable<TrainSummary['evaluation']> }> {
  const cli = resolve(import.meta.dirname, '../src/cli/main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', cli, 'train', ...options, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let complaints = '';
  child.stdout.on('data', chunk => {
    output += chunk;
  });
  child.stderr.on('data', chunk => {
    complaints = (complaints + chunk).slice(-4000);
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', code => {
      const last = output.trim().split('\n').at(-1) ?? '';
      if (code === 0 && last.startsWith('{')) done(JSON.parse(last));
      else fail(new Error(`graspbridge train ${options.join(' ')} ended with code ${code}:\n${complaints}`));
    });
  });
}
