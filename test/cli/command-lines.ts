import { join, resolve } from 'node:path';
import { small } from './run-cli.ts';

/** The extensions of demonstration files, one a format. */
export const FORMATS = ['json', 'jsonl', 'pickle', 'hdf5'] as const;

const SERVED_COPPELIASIM = resolve(import.meta.dirname, '../fixtures/served-coppeliasim');

/** One command line and how it ends. */
export interface CommandLine {
  /** The command, then what is special about this line. */
  readonly name: string;
  readonly args: readonly string[];
  /** Exit code; 0 by default, and 130 for a line that is interrupted. */
  readonly code?: number;
  /** The result on stdout or stderr, for lines without --json; what an interrupted command prints once it has saved. */
  readonly result?: RegExp;
  /** Ended with SIGINT once this is printed. */
  readonly interrupt?: RegExp;
  /** A command that runs beside this one: started first, and interrupted at the end. */
  readonly beside?: { readonly args: readonly string[]; readonly until: RegExp };
}

/** Files that the command lines read: made once, by commands too. */
export interface Inputs {
  /** Folder of runs with one run, `small`. */
  readonly runs: string;
  /** Demonstration file of one episode in a format. */
  readonly demos: (format: string) => string;
  /** A path for a new file. */
  readonly fresh: (name: string) => string;
  /** A port that was free a moment ago. */
  readonly port: (index: number) => string;
}

/** How the inputs are made, in this order. */
export function makeInputs({ runs, demos }: Inputs): CommandLine[] {
  return [
    { name: 'train', args: [...small(runs, 'small'), '--json'] },
    ...FORMATS.map(format => ({ name: `record ${format}`, args: [...recordLine(demos(format), '1'), '--json'] })),
  ];
}

/** Every command of the program, with every format that it reads or writes. */
export function commandLines({ runs, demos, fresh, port }: Inputs): CommandLine[] {
  const run = ['--run', 'small', '--runs-dir', runs];
  const reach = ['--env', 'SawyerReach-v1'];
  const listen = `tcp://127.0.0.1:${port(0)}`;
  const endless = (name: string) => small(runs, name, 10_000_000);
  return [
    { name: '--help', args: ['--help'], result: /--version shows the version/ },
    { name: '--version', args: ['--version'], result: /^\d+\.\d+\.\d+/ },
    { name: 'without a command', args: [], code: 2, result: /--version shows the version/ },
    { name: 'train with a wrong option', args: ['train', '--no-such-option'], code: 2, result: /no option/ },
    { name: 'train interrupted', args: endless('interrupted'), interrupt: /\d steps/, result: /^Checkpoint /m },
    { name: 'train --workers', args: [...small(runs, 'workers'), '--workers', '1', '--json'] },
    ...FORMATS.map(format => ({
      name: `train --demos ${format}`,
      args: [...small(runs, `demos-${format}`), '--demos', demos(format), '--json'],
    })),
    { name: 'test', args: ['test', ...run, '--episodes', '1', '--json'] },
    { name: 'test --gui', args: ['test', ...run, '--gui', '--no-open'], interrupt: /Viewer http/ },
    ...FORMATS.map(format => ({
      name: `record interrupted ${format}`,
      args: recordLine(fresh(`interrupted.${format}`), '1000000'),
      interrupt: /^episode +1/m,
      result: /^Written /m,
    })),
    ...FORMATS.flatMap((format, i) => [
      { name: `demos inspect ${format}`, args: ['demos', 'inspect', demos(format), '--json'] },
      { name: `demos validate ${format}`, args: ['demos', 'validate', demos(format), '--json'] },
      { name: `demos replay ${format}`, args: ['demos', 'replay', demos(format), '--json'] },
      {
        name: `demos convert ${format}`,
        args: ['demos', 'convert', demos(format), '--out', fresh(`from-${format}.${FORMATS.at(i - 1)}`), '--json'],
      },
    ]),
    ...FORMATS.map(format => ({
      name: `teleoperate ${format}`,
      args: ['teleoperate', ...reach, '--no-open', '--out', fresh(`by-hand.${format}`)],
      interrupt: /Viewer http/,
      result: /^Nothing written/m,
    })),
    { name: 'view', args: ['view', runs, '--no-open'], interrupt: /Ctrl-C ends/ },
    { name: 'plot', args: ['plot', ...run, '--out', fresh('curves.png'), '--json'] },
    { name: 'export', args: ['export', ...run, '--out', fresh('policy.onnx'), '--json'] },
    { name: 'keys new', args: ['keys', 'new', '--out', fresh('keys'), '--json'] },
    {
      name: 'worker interrupted',
      args: ['worker', '--learner', listen],
      interrupt: /Connected to the learner/,
      result: /^Done /m,
      beside: { args: [...endless('listening'), '--listen', listen], until: /listening/ },
    },
    {
      name: 'worker without a learner',
      args: ['worker', '--learner', `tcp://127.0.0.1:${port(1)}`, '--patience', '1', '--json'],
      code: 1,
      result: /learner/,
    },
    { name: 'simulator serve', args: ['simulator', 'serve', '--port', '0'], interrupt: /Ctrl-C ends/ },
    {
      name: 'simulator launch',
      args: ['simulator', 'launch', '--coppeliasim', SERVED_COPPELIASIM, '--port', port(2)],
      interrupt: /Ctrl-C ends/,
    },
    {
      name: 'simulator build-scene',
      args: ['simulator', 'build-scene', '--coppeliasim', SERVED_COPPELIASIM, '--out', fresh('scene.ttt')],
      code: 1,
      result: /sim\./,
    },
    { name: 'simulator doctor', args: ['simulator', 'doctor', '--embedded', '--json'] },
  ];
}

/** Benchmarks are in a checkout only; from the package the command fails. */
export function benchLine(inPackage: boolean): CommandLine {
  return inPackage
    ? { name: 'bench', args: ['bench', 'act'], code: 1, result: /checkout/ }
    : { name: 'bench', args: ['bench', 'act', '--json'] };
}

/** A place below a folder for each of the inputs. */
export function inputsIn(folder: string, ports: readonly number[]): Inputs {
  return {
    runs: join(folder, 'runs'),
    demos: format => join(folder, `demos.${format}`),
    fresh: name => join(folder, 'new', name),
    port: index => String(ports[index]),
  };
}

function recordLine(out: string, episodes: string): string[] {
  return ['record', '--env', 'SawyerReach-v1', '--policy', 'random', '--episodes', episodes, '--out', out];
}
