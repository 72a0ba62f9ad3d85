import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Whether this process may run on one core only, so that all it measures and starts shares that core. */
export function isPinned(): boolean {
  try {
    return /^Cpus_allowed_list:\s*\d+$/m.test(readFileSync('/proc/self/status', 'utf8'));
  } catch {
    return false;
  }
}

/**
 * Runs this very command again on one core, where `taskset` is there to do it, and ends with its exit code; returns
 * where this process is pinned already, or cannot be.
 */
export function pinToOneCore(): void {
  if (isPinned()) return;
  const core = String(availableParallelism() - 1);
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  if (spawnSync('taskset', ['-c', core, 'true']).status !== 0) return;
  const { status } = spawnSync('taskset', ['-c', core, ...again], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
