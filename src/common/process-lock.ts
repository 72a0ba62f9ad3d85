import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { GraspbridgeError } from './errors.ts';
import { readTextFile } from './regular-file.ts';

/** The process that holds a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** When that process began, in the system's own words; tells it from a later one with the same number. */
  readonly started: string;
}

/** A living process, or one on another machine, holds a lock. */
export class LockHeldError extends GraspbridgeError {
  /** Null if the lock does not tell. */
  readonly holder: LockHolder | null;

  constructor(path: string, holder: LockHolder | null) {
    super(`${path} is held${holder === null ? '' : ` by process ${holder.pid} on ${holder.host}`}.`);
    this.holder = holder;
  }
}

/**
 * Makes a lock file for this process alone. Returns a function that removes it.
 *
 * A lock left behind by a process that is gone is taken over. Throws LockHeldError, and what the file system throws.
 */
export function takeLock(path: string): () => void {
  const mine = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    started: startOf(process.pid),
  } satisfies LockHolder);
  for (;;) {
    try {
      writeFileSync(path, mine, { flag: 'wx' });
      return () => {
        if (readOrEmpty(path) === mine) rmSync(path, { force: true });
      };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException; // File system errors carry a code.
      if (code !== 'EEXIST') {
        // Made, but not written: it would say that somebody holds it.
        rmSync(path, { force: true });
        throw error;
      }
    }
    const found = readOrEmpty(path);
    const holder = parse(found);
    if (holder === null || isAlive(holder)) throw new LockHeldError(path, holder);
    removeStale(path, found);
  }
}

/** Whether a living process, or one on another machine, holds a lock now. */
export function isLockHeld(path: string): boolean {
  const text = readOrEmpty(path);
  if (text === '') return false;
  const holder = parse(text);
  return holder === null || isAlive(holder);
}

/** Removes the lock that was read, and not one that another process has put in its place since. */
function removeStale(path: string, expected: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return; // Someone else was quicker; the caller looks again.
  }
  if (readOrEmpty(aside) !== expected)
    try {
      linkSync(aside, path);
    } catch {
      // A third one has taken it meanwhile; the caller looks again.
    }
  rmSync(aside, { force: true });
}

function isAlive(holder: LockHolder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // System errors carry a code.
  }
  return startOf(holder.pid) === holder.started;
}

/** A process's start time in clock ticks since boot (field 22 of proc_pid_stat(5)); empty where there is no /proc. */
function startOf(pid: number): string {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  // The second field, the program's name, may itself hold spaces and parentheses.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function readOrEmpty(path: string): string {
  try {
    return readTextFile(path);
  } catch {
    return '';
  }
}

function parse(text: string): LockHolder | null {
  try {
    const holder = JSON.parse(text) as Partial<LockHolder>; // Checked on the next line.
    return typeof holder.pid === 'number' && typeof holder.host === 'string' && typeof holder.started === 'string'
      ? { pid: holder.pid, host: holder.host, started: holder.started }
      : null;
  } catch {
    return null;
  }
}
