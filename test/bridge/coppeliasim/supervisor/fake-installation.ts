import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SupervisorOptions } from '../../../../src/bridge/coppeliasim/supervisor/index.ts';

export const fakeFolder = resolve(import.meta.dirname, '../../../fixtures/fake-coppeliasim');

/** How the fake behaves at each start: `answers`, `slow`, `dies`, `later`, `silent`, `deaf`, `freezes`, `stubborn`. */
export interface Fake {
  readonly options: SupervisorOptions;
  /** Process ids of all starts so far. */
  pids(): number[];
  readonly folder: string;
  /** The file that says how it behaves. */
  readonly modes: string;
}

export async function fakeCoppeliaSim(modes: readonly string[], options: SupervisorOptions = {}): Promise<Fake> {
  const folder = mkdtempSync(join(tmpdir(), 'graspbridge-supervisor-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'modes');
  writeFileSync(file, modes.join('\n'));
  return {
    folder,
    modes: file,
    pids: () => (existsSync(`${file}.pids`) ? readFileSync(`${file}.pids`, 'utf8').trim().split('\n').map(Number) : []),
    options: {
      coppeliaSim: fakeFolder,
      port: await freePort(),
      args: [`--modes=${file}`],
      heartbeatInterval: 0.1,
      heartbeatTimeout: 3,
      backOff: 0.02,
      maxBackOff: 0.05,
      ...options,
    },
  };
}

/** A port that the system has just found free. */
export function freePort(): Promise<number> {
  return new Promise(done => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Whether a process is there and is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !/\) Z /.test(readFileSync(status, 'utf8'));
}

/** Resolves when the condition holds; rejects after so many seconds. */
export async function eventually(condition: () => boolean, seconds: number, what: string): Promise<void> {
  const deadline = Date.now() + 1000 * seconds;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`It did not come about within ${seconds} s: ${what}`);
    await new Promise(done => setTimeout(done, 20));
  }
}
