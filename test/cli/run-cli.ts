import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { runCli } from '../../src/cli/program.ts';

export const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');
const NODE = [process.execPath, '--import', 'tsx', MAIN];

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves once what was written matches. */
  until(pattern: RegExp): Promise<void>;
}

/** Starts the real command in a process of its own. `wrapper` is put before it. */
export function startCli(args: readonly string[], wrapper: readonly string[] = []): Running {
  const [program = '', ...rest] = [...wrapper, ...NODE, ...args];
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const waiting: { pattern: RegExp; done: () => void }[] = [];
  const look = () => {
    for (const { pattern, done } of waiting) if (pattern.test(stdout + stderr)) done();
  };
  child.stdout.on('data', chunk => {
    stdout += chunk;
    look();
  });
  child.stderr.on('data', chunk => {
    stderr += chunk;
    look();
  });
  const finished = new Promise<Finished>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });
  return {
    child,
    finished,
    until: pattern =>
      new Promise((done, fail) => {
        waiting.push({ pattern, done });
        look();
        void finished.then(end => fail(new Error(`It ended first, with ${end.code}:\n${end.stdout}${end.stderr}`)));
      }),
  };
}

/** Runs the real command to its end. */
export function cli(...args: string[]): Promise<Finished> {
  return startCli(args).finished;
}

/** The same in this process, where it takes no second to start. */
export async function here(...args: string[]): Promise<Pick<Finished, 'code' | 'stdout' | 'stderr'>> {
  let stdout = '';
  let stderr = '';
  const keep = (add: (text: string) => void) => (text: unknown) => {
    add(String(text));
    return true;
  };
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  vi.spyOn(process.stdout, 'write').mockImplementation(keep(text => (stdout += text)));
  vi.spyOn(console, 'log').mockImplementation(keep(text => (stdout += `${text}\n`)));
  vi.spyOn(process.stderr, 'write').mockImplementation(keep(text => (stderr += text)));
  const code = await runCli(args);
  return { code, stdout, stderr };
}

/** A folder for runs, removed after the test. */
export function runsFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'graspbridge-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Options of a training that takes a second: the quick task and small nets. */
export function small(runs: string, name: string, steps = 160): string[] {
  const nets = ['actorHidden=[16,16]', 'criticHidden=[16,16]', 'batchSize=16'];
  return [
    ...['train', '--env', 'SawyerReach-v1', '--runs-dir', runs, '--name', name, '--steps', String(steps)],
    ...['--until-success', '0', '--random-steps', '50', '--eval-every', '100', '--eval-episodes', '2'],
    ...['--final-episodes', '3', '--checkpoint-every', '60', '--buffer-capacity', '1000'],
    ...nets.flatMap(option => ['--agent-option', option]),
  ];
}

/** The JSON object in the last line. */
export function lastJson(output: string): Record<string, unknown> {
  return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '');
}

/** Every file of a folder with a digest of its contents. */
export function fingerprint(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return Object.fromEntries(
    names.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path, createHash('sha256').update(readFileSync(path)).digest('hex')];
    }),
  );
}
