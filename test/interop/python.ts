import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The official client, the socket it speaks over, and the codec that it prefers to its own. */
const packages = ['coppeliasim-zmqremoteapi-client==2.0.4', 'pyzmq', 'cbor2'];

/** Beside other tools' caches, so that it is neither committed nor made twice. */
const environment = resolve(import.meta.dirname, '../../node_modules/.cache/graspbridge/python-remote-api');

interface Finished {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end. Rejects where it cannot be started. */
export function run(program: string, args: readonly string[], seconds: number): Promise<Finished> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 1000 * seconds });
    let output = '';
    child.stdout.on('data', chunk => {
      output += chunk;
    });
    child.stderr.on('data', chunk => {
      output += chunk;
    });
    child.on('error', fail);
    child.on('close', code => done({ code, output }));
  });
}

/**
 * A Python with CoppeliaSim's official remote API client, in a folder of its own.
 *
 * @returns the program, or why there is none.
 */
export async function pythonWithClient(): Promise<{ readonly python: string } | { readonly missing: string }> {
  const program = (folder: string) =>
    process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  if (existsSync(program(environment))) return { python: program(environment) };
  // Complete, or not there at all: two test runs may be making it at the same time.
  const making = `${environment}-${process.pid}`;
  try {
    mkdirSync(making, { recursive: true });
    const made = await run('python3', ['-m', 'venv', making], 60);
    if (made.code !== 0) return { missing: `python3 -m venv failed: ${lastLine(made.output)}` };
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
    const installed = await run(program(making), pip, 120);
    if (installed.code !== 0) return { missing: `pip could not install them: ${lastLine(installed.output)}` };
    renameSync(making, environment);
    return { python: program(environment) };
  } catch (error) {
    if (existsSync(program(environment))) return { python: program(environment) };
    return { missing: error instanceof Error ? error.message : String(error) };
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

function lastLine(output: string): string {
  return (output.trim().split('\n').at(-1) ?? '').slice(0, 300);
}
