import type { WorkersStatus } from '../training-loop.ts';
import type { WorkerHealth } from './hub.ts';
import type { Load } from './load.ts';

/** A learner that waits for a larger share of its time than this could learn from more experience. */
const SHORT_OF_DATA = 0.15;
/** A worker that says nothing for longer, s, is called silent; it beats every second. */
const SILENT = 3;

/** What each worker does most, and what a faster training would need more of. */
export function describeWorkers(
  load: Pick<Load, 'learning' | 'waiting'>,
  workers: readonly WorkerHealth[],
  random: boolean,
): Pick<WorkersStatus, 'workers' | 'bottleneck'> {
  return {
    workers: workers.map(worker => ({ index: worker.index, host: worker.host, state: stateOf(worker) })),
    bottleneck: bottleneckOf(load, workers, random),
  };
}

function stateOf({ silentSeconds, beat, envSteps }: WorkerHealth): string {
  if (silentSeconds > SILENT) return `silent for ${Math.round(silentSeconds)} s`;
  if (beat === null) return envSteps === 0 ? 'starting' : 'working';
  const busiest = (['simulating', 'acting', 'waiting'] as const).reduce((a, b) => (beat[b] > beat[a] ? b : a));
  return `${busiest} ${Math.round(beat[busiest] * 100)} %`;
}

function bottleneckOf(
  load: Pick<Load, 'learning' | 'waiting'>,
  workers: readonly WorkerHealth[],
  random: boolean,
): string {
  if (workers.length === 0) return 'no workers';
  if (load.waiting <= SHORT_OF_DATA && !random) return 'the learner (updates)';
  const beats = workers.flatMap(({ beat }) => (beat === null ? [] : [beat]));
  if (beats.length === 0) return 'workers (starting)';
  const mean = (of: 'simulating' | 'acting' | 'waiting') =>
    beats.reduce((sum, beat) => sum + beat[of], 0) / beats.length;
  // Both sides wait for each other: what lies between them is slow, or there is too little room under way.
  if (mean('waiting') > 0.5) return 'the bus';
  return mean('simulating') >= mean('acting') ? 'workers (simulation)' : 'workers (acting)';
}
