import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EnvironmentError, UsageError } from '../common/errors.ts';
import { guardArguments } from '../common/guarded-node.ts';
import { suggestion } from '../common/near-match.ts';
import { defineCommand } from './command.ts';
import { ENDING_SIGNALS, SIGNAL_CODES } from './interrupt.ts';

const BENCHMARKS = [
  'env',
  'update',
  'act',
  'time-to-success',
  'memory',
  'held-when-lifted',
  'demos',
  'bridge',
  'learning',
  'workers',
  'viewer',
] as const;

export const benchCommand = defineCommand({
  name: 'bench',
  summary: 'Measure speed; in a checkout only',
  words: `<${BENCHMARKS.join('|')}> [-- what that benchmark takes]`,
  passesOn: true,
  options: {},
  examples: [
    ['env', 'environment steps a second'],
    ['update --json', 'updates a second, beside PyTorch where Python has it'],
    ['act', 'from one observation to one action'],
    ['bridge', 'calls and steps a second over the remote API, beside its official Python client where Python has it'],
    ['workers bus weights', 'what the bus carries, and how fast weights reach workers'],
    ['time-to-success grasp --seeds 3', 'how long training takes until it succeeds'],
    ['viewer', 'what watching costs a training'],
    ['demos --seeds 3', 'a sparse reward, learned with and without demonstrations'],
    ['memory --minutes 10', "a training's memory once its replay buffer is full"],
  ],
  async run({ rest }) {
    const [name, ...given] = rest;
    if (name === undefined) throw new UsageError(`bench needs to know what to measure: ${BENCHMARKS.join(', ')}.`);
    if (!BENCHMARKS.some(benchmark => benchmark === name))
      throw new UsageError(`There is no benchmark "${name}".${suggestion(name, BENCHMARKS)}`);
    const file = fileURLToPath(new URL(`../../bench/${name}.ts`, import.meta.url));
    if (!existsSync(file))
      throw new EnvironmentError(
        `Running the benchmark ${name} failed: there is no ${file}. Benchmarks are no part of the published package; run them in a checkout of the repository.`,
      );
    const child = spawn(
      process.execPath,
      ['--import', typescriptLoader(), ...guardArguments(), file, ...given.filter(word => word !== '--')],
      {
        stdio: 'inherit',
      },
    );
    // Ctrl-C reaches the child by itself. Other signals may be sent to this process alone, which waits for the child.
    const pass = (signal: NodeJS.Signals) => {
      if (signal !== 'SIGINT') child.kill(signal);
    };
    for (const signal of ENDING_SIGNALS) process.on(signal, pass);
    try {
      return await new Promise<number>((done, fail) => {
        child.on('error', fail);
        child.on('exit', (code, signal) => done(code ?? codeOf(signal)));
      });
    } finally {
      for (const signal of ENDING_SIGNALS) process.off(signal, pass);
    }
  },
});

/** The exit code for a child that a signal ended. */
function codeOf(signal: NodeJS.Signals | null): number {
  return ENDING_SIGNALS.find(name => name === signal) === undefined
    ? 1
    : SIGNAL_CODES[signal as keyof typeof SIGNAL_CODES];
}

/** Where the loader of TypeScript files is, wherever this is called from. */
function typescriptLoader(): string {
  try {
    return import.meta.resolve('tsx');
  } catch (error) {
    throw new EnvironmentError('Running a benchmark failed: tsx is not installed. Run npm ci in the checkout first.', {
      cause: error,
    });
  }
}
