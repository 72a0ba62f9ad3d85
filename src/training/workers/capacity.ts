import { availableParallelism } from 'node:os';
import { isScarce } from '../../bridge/index.ts';
import { availableMemory } from '../../common/available-memory.ts';
import { UsageError } from '../../common/errors.ts';
import type { TrainConfig } from '../config.ts';

/** Workers for each processor: they wait for simulators and for the learner, but each step takes some time of its own. */
export const WORKERS_PER_PROCESSOR = 4;
/** Resident memory of a worker with one environment, bytes; see the table in docs/workers.md. */
export const WORKER_MEMORY = 260e6;
/** What each further environment adds, and a CoppeliaSim that is started for one. */
const ENVIRONMENT_MEMORY = 20e6;
const COPPELIASIM_MEMORY = 500e6;

/** What this machine has. */
export interface Capacity {
  readonly processors: number;
  /** Bytes. */
  readonly memory: number;
}

/**
 * Throws UsageError if this machine is too small for the rollout workers that are asked for, and the evaluation process
 * beside them: a machine that swaps cannot even be stopped.
 */
export function checkCapacity(
  { workers, envsPerWorker, simulator }: Pick<TrainConfig, 'workers' | 'envsPerWorker' | 'simulator'>,
  { processors, memory }: Capacity = { processors: availableParallelism(), memory: availableMemory() },
): void {
  if (workers === 0) return;
  const starts = isScarce(simulator) ? COPPELIASIM_MEMORY : 0;
  const each = WORKER_MEMORY + (envsPerWorker - 1) * ENVIRONMENT_MEMORY + envsPerWorker * starts;
  const evaluation = WORKER_MEMORY + starts;
  const mostByProcessors = WORKERS_PER_PROCESSOR * processors;
  const mostByMemory = Math.max(0, Math.floor((memory - evaluation) / each));
  const problems = [
    workers > mostByProcessors
      ? `${workers} workers for ${processors} ${processors === 1 ? 'processor' : 'processors'} are more than ${WORKERS_PER_PROCESSOR} each (${mostByProcessors}).`
      : null,
    workers > mostByMemory
      ? `${workers} workers of about ${megabytes(each)} each and an evaluation process need ${megabytes(workers * each + evaluation)} of memory, and ${megabytes(memory)} are available (enough for ${mostByMemory}).`
      : null,
  ].filter(problem => problem !== null);
  if (problems.length === 0) return;
  const most = Math.min(mostByProcessors, mostByMemory);
  throw new UsageError(
    `Too many rollout workers for this machine. ${problems.join(' ')} ` +
      `${most === 0 ? 'Use --workers 0' : `Use --workers ${most} or fewer`}, let workers join from other machines with --listen, or start them anyway with --force.`,
  );
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
}
