import { join } from 'node:path';
import { isLockHeld, LockHeldError, takeLock } from '../common/process-lock.ts';
import { RunLockedError, RunNotWritableError } from './errors.ts';

/**
 * Takes a run directory for this process alone, so that two trainings at once cannot mix their files.
 *
 * A lock left behind by a process that is gone is taken over. Returns what gives the lock back. Throws RunLockedError
 * where a living process, or one on another machine, holds it; RunNotWritableError.
 */
export function lockRun(directory: string): () => void {
  const path = join(directory, 'lock');
  try {
    return takeLock(path);
  } catch (error) {
    if (!(error instanceof LockHeldError))
      throw new RunNotWritableError(
        `Writing to ${directory} failed: ${error instanceof Error ? error.message : error}. Make room there, or choose another --runs-dir.`,
        { cause: error },
      );
    const { holder } = error;
    throw new RunLockedError(
      `Another training ${holder === null ? '' : `(process ${holder.pid} on ${holder.host}) `}is writing to ${directory}. ` +
        `Wait for it, choose another --name, or remove ${path} if you are sure it is gone.`,
    );
  }
}

/** Whether a training is writing to a run directory now. */
export function isLocked(directory: string): boolean {
  return isLockHeld(join(directory, 'lock'));
}
