import type { TrainConfig } from './config.ts';
import type { EvaluationResult } from './evaluate.ts';
import type { EvaluationRecord, MetricsRecord } from './metrics.ts';
import { mean } from './statistics.ts';
import type { WorkersStatus } from './training-loop.ts';

/** What a training tells whoever watches it. */
export type TrainEvent =
  | {
      readonly kind: 'start';
      readonly run: string;
      readonly directory: string;
      readonly config: TrainConfig;
      /** Which simulator it is, its version and whereabouts, for people; empty where the environment has none. */
      readonly simulator: string;
      /** What the environment's episodes are judged by. */
      readonly objective: 'success' | 'return';
      /** What computes, for people. */
      readonly engine: string;
      /** What is learned from, and its bytes when full. */
      readonly memory: 'replay' | 'rollout';
      readonly replayBytes: number;
      /** Demonstrations learned from, for people; empty without any. */
      readonly demonstrations: string;
      /** Environment steps already taken, when a run goes on. */
      readonly resumedAt: number;
      /** Where workers from elsewhere may join, where they may. */
      readonly listening?: string;
    }
  | ({ readonly kind: 'progress' } & Progress)
  | ({ readonly kind: 'evaluation' } & Omit<EvaluationRecord, 'type'>)
  /** A line of the run's metrics, as it was written. */
  | { readonly kind: 'metrics'; readonly record: MetricsRecord }
  | { readonly kind: 'checkpoint'; readonly path: string; readonly envSteps: number }
  /** What the user should see in the log, and nothing went wrong. */
  | { readonly kind: 'notice'; readonly message: string }
  /** Something went wrong that the training survives. */
  | { readonly kind: 'warning'; readonly message: string };

/** Sent after every episode. */
export interface Progress {
  readonly envSteps: number;
  readonly steps: number;
  readonly episodes: number;
  readonly updates: number;
  /** s, without evaluation. */
  readonly trainSeconds: number;
  /** Environment steps a second of training, lately. */
  readonly stepsPerSecond: number;
  /** Over the last 50 episodes. */
  readonly successRate: number;
  readonly meanReturn: number;
  /** Where there are rollout workers. */
  readonly workers?: WorkersStatus;
}

/** How a training ended; a run's `summary.json`. */
export interface TrainSummary {
  readonly run: string;
  readonly directory: string;
  readonly env: string;
  readonly algorithm: string;
  readonly seed: number;
  readonly envSteps: number;
  readonly episodes: number;
  readonly updates: number;
  /** The training loop with compiling and without evaluation, s; of all parts of a run that was resumed. */
  readonly trainSeconds: number;
  /** The whole process, of all parts, s. */
  readonly wallSeconds: number;
  readonly goalReached: boolean;
  /** Ended by a signal: what follows `checkpoint` is missing. */
  readonly interrupted: boolean;
  /** After training, of the policy in `checkpoint`; null where none was asked for or there was no time. */
  readonly evaluation: EvaluationResult | null;
  /** The checkpoint of the policy that was evaluated; null where none could be written. */
  readonly checkpoint: string | null;
  readonly curves: string | null;
  /** If there were rollout workers: messages that were refused, by reason, and workers that were expelled. */
  readonly workers?: Pick<WorkersStatus, 'refused' | 'expelled'>;
  readonly warnings: readonly string[];
  /** What should be on disk and is not, each with the reason; empty for a training that is saved. */
  readonly missing: readonly string[];
}

/** Rate and recent episodes, for display; no part of a run's state. */
export class RecentProgress {
  private readonly returns: number[] = [];
  private readonly successes: number[] = [];
  private readonly marks: { seconds: number; envSteps: number }[] = [];

  add(episode: { readonly return: number; readonly success: boolean }, envSteps: number, seconds: number): void {
    push(this.returns, episode.return, 50);
    push(this.successes, episode.success ? 1 : 0, 50);
    push(this.marks, { seconds, envSteps }, 50);
  }

  get meanReturn(): number {
    return mean(this.returns);
  }
  get successRate(): number {
    return mean(this.successes);
  }
  get stepsPerSecond(): number {
    const first = this.marks[0];
    const last = this.marks.at(-1);
    if (first === undefined || last === undefined || last.seconds <= first.seconds) return 0;
    return (last.envSteps - first.envSteps) / (last.seconds - first.seconds);
  }
}

function push<T>(window: T[], value: T, length: number): void {
  window.push(value);
  if (window.length > length) window.shift();
}
