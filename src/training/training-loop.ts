import type { StateDict } from '../common/state-dict.ts';

export interface EpisodeResult {
  readonly return: number;
  readonly length: number;
  readonly success: boolean;
  /** Why the simulator was lost in it, where it was; the next episode begins with another one. */
  readonly simulatorLost?: string;
}

/**
 * What a session drives: acting and learning, an episode's worth at a time, whoever steps the environments.
 *
 * Between two calls its state can be taken, and a loop that gets it back goes on as if nothing had been. One process
 * that learns off-policy, one that learns from whole rollouts, and a learner fed by worker processes are such loops.
 */
export interface TrainingLoop {
  readonly envSteps: number;
  readonly episodes: number;
  readonly updates: number;
  /** Bytes that its replay or rollouts take. */
  readonly memoryBytes: number;
  /** What it learns from; a replay buffer where it does not say. */
  readonly memory?: 'replay' | 'rollout';
  /**
   * Goes on until the next episode has ended; null where a signal ended the wait for it.
   *
   * @param onUpdate sees what every update reports; the object is reused.
   * Throws TrainingDivergedError where the environment returns what is not finite, and NonFiniteLossError.
   */
  runEpisode(onUpdate: (metrics: Readonly<Record<string, number>>) => void): Promise<EpisodeResult | null>;
  /** Statistics of what the last update learned from, a line each, for people who look for the cause of a breakdown. */
  describeBatch(): string;
  /** All that the next episode depends on. */
  getState(): Promise<StateDict>;
  /** Throws where the state is not that of such a loop. */
  setState(state: StateDict): Promise<void>;
  /** The state that was taken last is on disk, for loops that must answer for it. */
  stateSaved?(): void;
  /** How the workers do, where there are any. */
  status?(): WorkersStatus;
}

/** How a training with rollout workers goes, for people. */
export interface WorkersStatus {
  readonly envStepsPerSecond: number;
  readonly updatesPerSecond: number;
  /** Updates per environment step so far, after the random ones. */
  readonly updatesPerStep: number;
  /** A word a worker: what it does most, or what is wrong with it. */
  readonly workers: readonly { readonly index: number; readonly host: string; readonly state: string }[];
  /** What a faster training would need more of. */
  readonly bottleneck: string;
  /** Messages refused, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Workers that sent what no worker sends: their number, and the last of them with the reason. */
  readonly expelled: {
    readonly total: number;
    readonly last: readonly {
      readonly index: number;
      readonly host: string;
      readonly pid: number;
      readonly reason: string;
    }[];
  };
}
