import type { Beat, BusKeys, Experience, Job } from '../bus/index.ts';
import type { RangedColumn } from './ranges.ts';

export interface HubOptions {
  /** Loopback and a free port by default. */
  readonly address?: string;
  readonly keys?: BusKeys;
  /** Said by every worker that joins; empty: any on this machine may. */
  readonly secret: string;
  readonly job: Job;
  /** Where every worker's seed comes from. */
  readonly seed: number;
  /** Environment steps in a message, and under way from one worker. */
  readonly chunk: number;
  readonly window: number;
  /** Bytes of experience that a worker may hold which no checkpoint has yet. */
  readonly retain: number;
  /** Between two beats, and how long a worker may be silent, ms. */
  readonly beat: number;
  readonly deadline: number;
  readonly onWarning: (message: string) => void;
  readonly onLost: (worker: WorkerInfo, how: Departure, text: string) => void;
}

/** What is known only once the learner is ready. */
export interface HubStart {
  readonly run: string;
  /** Whether workers begin with random actions, until weights are published. */
  readonly random: boolean;
  /** Columns of the experience that is wanted, and what their numbers may be. */
  readonly layout: readonly RangedColumn[];
}

export type Departure = 'silent' | 'done' | 'failed' | 'diverged' | 'expelled';

/** One worker, as the learner knows it. */
export interface WorkerInfo {
  /** Its own name, which nobody else knows. */
  readonly name: string;
  readonly index: number;
  readonly host: string;
  readonly pid: number;
}

/** Experience that arrived, in order, once. */
export interface Arrived extends Pick<Experience, 'seq' | 'steps' | 'rows' | 'weights' | 'episodes'> {
  readonly worker: string;
  /** The layout's columns by name, `[rows, width]`. */
  readonly columns: Readonly<Record<string, Float32Array>>;
}

/** How one worker does, for people. */
export interface WorkerHealth extends WorkerInfo {
  readonly silentSeconds: number;
  readonly envSteps: number;
  readonly weights: number;
  readonly beat: Beat | null;
}
