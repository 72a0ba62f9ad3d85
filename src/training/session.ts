import { performance } from 'node:perf_hooks';
import { FileGoneError } from '../common/append-file.ts';
import { closeAfter } from '../common/close-all.ts';
import type { StateDict } from '../common/state-dict.ts';
import { objectiveOf } from '../envs/index.ts';
import { Announcer } from './announcer.ts';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import { CheckpointDamagedError, RunGoneError } from './errors.ts';
import type { EvaluationResult } from './evaluate.ts';
import { Evaluations } from './evaluations.ts';
import { Evaluator } from './evaluator.ts';
import { explainFailure } from './explain-failure.ts';
import { LimitedWarnings } from './limited-warnings.ts';
import { Means } from './means.ts';
import type { MetricsRecord } from './metrics.ts';
import { RecentProgress, type TrainEvent, type TrainSummary } from './progress.ts';
import { RunCheckpoints } from './run-checkpoints.ts';
import type { RunDirectory } from './run-directory.ts';
import { RunRecorder } from './run-recorder.ts';
import type { TrainingParts } from './setup.ts';
import { asNumber, asState } from './state.ts';
import { Stopwatch } from './stopwatch.ts';
import type { EvaluationProcess } from './workers/index.ts';

export interface SessionOptions {
  readonly config: TrainConfig;
  readonly parts: TrainingParts;
  readonly run: RunDirectory;
  /** The run's id, which its checkpoints carry. */
  readonly runId: string;
  /** Whether what an attempt before the first checkpoint left is overwritten. */
  readonly startsOver: boolean;
  /** What is to be told at the beginning. */
  readonly warnings: readonly string[];
  /** Evaluates while training goes on; without it, training waits for each evaluation. */
  readonly evaluations?: EvaluationProcess | undefined;
  /** Where workers from elsewhere may join. */
  readonly listening?: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: (event: TrainEvent) => void;
  /** Time spent on setting up, s; counts as training. */
  readonly setupSeconds: number;
  /** When the whole began, on the clock of performance.now(), ms. */
  readonly wallStart: number;
}

/** What ended a session. */
export type SessionEnd = Omit<TrainSummary, 'curves' | 'run' | 'directory'>;

/**
 * A training from a beginning, or from a checkpoint, to its end.
 *
 * Everything happens between episodes: log lines, evaluations and checkpoints are due when the steps pass a multiple
 * of their interval, and a signal is heeded there. So a checkpoint holds no half-finished episode, and a run that is
 * continued from one does the very same as one that was never interrupted.
 */
export class Session {
  private readonly options: SessionOptions;
  private readonly checkpoints: RunCheckpoints;
  private readonly clock: Stopwatch;
  private readonly evaluator: Evaluator;
  private readonly evaluations: Evaluations;
  private readonly recent = new RecentProgress();
  private readonly announcer: Announcer;
  /** Since the last line in the metrics. */
  private readonly episodeMeans = new Means();
  private readonly updateMeans = new Means();
  private readonly warnings: string[] = [];
  private readonly limited = new LimitedWarnings(message => this.warn(message));
  /** Why the last checkpoint could not be written; null if it could. */
  private unsaved: string | null = null;
  private recorder: RunRecorder | null = null;
  private earlierWallSeconds = 0;

  constructor(options: SessionOptions) {
    this.options = options;
    this.checkpoints = new RunCheckpoints({
      directory: options.run.checkpointsPath,
      keep: options.config.keepCheckpoints,
      // Where evaluation, too, has a process of its own.
      aside: options.evaluations !== undefined,
      onSaved: (path, envSteps) => {
        this.unsaved = null;
        options.parts.learner.stateSaved?.();
        options.onEvent({ kind: 'checkpoint', path, envSteps });
      },
      onFailed: error => {
        options.run.checkPresent();
        this.unsaved = error.message;
        this.limited.add('not saved', `${error.message} Training goes on. ${this.checkpoints.describeLatest()}`);
      },
    });
    this.clock = new Stopwatch(options.setupSeconds);
    const { config, parts, signal } = options;
    this.announcer = new Announcer(parts.window ?? null, message => this.warn(message));
    this.evaluator = new Evaluator({
      config,
      policy: parts.policy,
      env: parts.evaluationEnv,
      seeds: parts.seeds,
      signal,
      clock: this.clock,
      onRecord: record => this.record(record),
    });
    this.evaluations = new Evaluations({
      config,
      evaluator: this.evaluator,
      process: options.evaluations,
      policy: parts.policy,
      learner: parts.learner,
      runId: options.runId,
      store: this.checkpoints.store,
      clock: this.clock,
      signal,
      onRecord: record => this.record(record),
    });
  }

  get envSteps(): number {
    return this.options.parts.learner.envSteps;
  }

  /** Whether there is nothing left to train. */
  get complete(): boolean {
    const { due, goalReached } = this.evaluations;
    return !due && (goalReached || this.envSteps >= this.options.config.steps);
  }

  /** Takes over a checkpoint's state. Throws CheckpointDamagedError where it is not one of this training. */
  async restore({ state }: Checkpoint, path: string): Promise<void> {
    await this.options.parts.learner.setState(asState(state, 'learner'));
    this.episodeMeans.setState(asState(state, 'episodeMeans'));
    this.updateMeans.setState(asState(state, 'updateMeans'));
    this.evaluations.setState(asState(state, 'evaluations'));
    this.clock.add(asNumber(state, 'trainSeconds'));
    this.earlierWallSeconds = asNumber(state, 'wallSeconds');
    this.checkpoints.saved = { envSteps: this.envSteps, path };
  }

  /** Trains to the end, evaluates, and says what came of it. Throws TrainingDivergedError, and RunGoneError. */
  async run(): Promise<SessionEnd> {
    const { config, run, parts, signal, onEvent } = this.options;
    const resumedAt = this.checkpoints.saved?.envSteps ?? (this.options.startsOver ? 0 : null);
    run.openCheckpoints();
    if (resumedAt !== null) this.checkpoints.store.removeAfter(resumedAt);
    const recorder = new RunRecorder(run, resumedAt, message => this.warn(message), this.evaluations.due);
    this.recorder = recorder;
    let incomplete: readonly string[] = [];
    const end = await closeAfter(
      async () => {
        onEvent({
          kind: 'start',
          run: run.name,
          directory: run.path,
          config,
          simulator: parts.simulator,
          objective: objectiveOf(config.env),
          engine: parts.engine.description,
          memory: parts.learner.memory ?? 'replay',
          replayBytes: parts.learner.memoryBytes,
          demonstrations: parts.demonstrations?.description ?? '',
          resumedAt: resumedAt ?? 0,
          ...(this.options.listening === undefined ? {} : { listening: this.options.listening }),
        });
        for (const warning of [...this.options.warnings, ...(parts.demonstrations?.warnings ?? [])]) this.warn(warning);
        this.clock.start();
        for (;;) {
          if (this.options.evaluations !== undefined) await this.evaluations.exchange(this.options.evaluations);
          else await this.evaluate();
          if (signal?.aborted || this.complete) break;
          await this.trainEpisode();
        }
        await this.checkpoints.settled();
        if (this.checkpoints.saved?.envSteps !== this.envSteps || this.evaluations.due) await this.save();
        await this.checkpoints.settled();
        this.clock.stop();
        return this.finish();
      },
      () => {
        incomplete = recorder.close();
      },
      this.checkpoints,
    );
    return { ...end, missing: [...this.missingCheckpoint(), ...incomplete.map(path => `${path}: it is incomplete.`)] };
  }

  /** What is to be told if the last state is not on disk. */
  private missingCheckpoint(): string[] {
    if (this.checkpoints.saved?.envSteps === this.envSteps) return [];
    return [`The checkpoint of step ${this.envSteps}: ${this.unsaved ?? ''} ${this.checkpoints.describeLatest()}`];
  }

  private async trainEpisode(): Promise<void> {
    const { config, parts, onEvent } = this.options;
    const { learner } = parts;
    const before = this.envSteps;
    this.evaluations.current = null;
    const episode = await learner
      .runEpisode(metrics => this.updateMeans.add(metrics))
      .catch(async (error: unknown) => {
        await this.checkpoints.settled();
        throw explainFailure(error, learner, this.checkpoints.describeLatest());
      });
    if (episode === null) return;
    if (episode.simulatorLost !== undefined)
      this.limited.add(
        'simulator lost',
        `The simulator was lost in episode ${learner.episodes}, which was cut short: ${episode.simulatorLost}`,
      );
    const passed = (interval: number) => Math.floor(before / interval) !== Math.floor(this.envSteps / interval);
    this.episodeMeans.add({ return: episode.return, length: episode.length, success: episode.success ? 1 : 0 });
    if (passed(config.logEvery)) this.log();
    this.evaluations.due ||= passed(config.evalEvery);
    // An evaluation that is due decides whether this point is to be saved as the best one.
    if (passed(config.checkpointEvery) && (!this.evaluations.due || this.evaluations.aside)) await this.save();
    this.recent.add(episode, this.envSteps, this.clock.seconds);
    this.announcer.episode(learner.episodes, episode);
    onEvent({
      kind: 'progress',
      envSteps: this.envSteps,
      steps: config.steps,
      episodes: learner.episodes,
      updates: learner.updates,
      trainSeconds: this.clock.seconds,
      stepsPerSecond: this.recent.stepsPerSecond,
      successRate: this.recent.successRate,
      meanReturn: this.recent.meanReturn,
      ...(learner.status === undefined ? {} : { workers: learner.status() }),
    });
  }

  private log(): void {
    const { learner } = this.options.parts;
    const episodes = this.episodeMeans.means();
    const status = learner.status?.();
    this.record({
      type: 'train',
      envSteps: learner.envSteps,
      episodes: learner.episodes,
      updates: learner.updates,
      seconds: this.clock.seconds,
      meanReturn: episodes.return ?? 0,
      meanLength: episodes.length ?? 0,
      successRate: episodes.success ?? 0,
      learner: this.updateMeans.means(),
      ...(status === undefined ? {} : { expelledWorkers: status.expelled.total }),
    });
    this.episodeMeans.reset();
    this.updateMeans.reset();
  }

  private record(record: MetricsRecord): void {
    try {
      this.recorder?.record(record);
    } catch (error) {
      if (!(error instanceof FileGoneError)) throw error;
      // The whole folder may be gone, which says more.
      this.options.run.checkPresent();
      throw new RunGoneError(`Training stopped: ${error.message} ${this.checkpoints.describeLatest()}`, {
        cause: error,
      });
    }
    this.options.onEvent({ kind: 'metrics', record });
    if (record.type !== 'evaluation') return;
    const { type: _, ...told } = record;
    this.options.onEvent({ kind: 'evaluation', ...told });
  }

  /** Makes the evaluation that is due; it decides whether this point is saved. */
  private async evaluate(): Promise<void> {
    const made = await this.evaluations.make();
    if (made === null) return;
    const passed = (envSteps: number) => Math.floor(envSteps / this.options.config.checkpointEvery);
    if (made.improved || passed(this.checkpoints.saved?.envSteps ?? 0) !== passed(this.envSteps)) await this.save();
  }

  /** Writes a checkpoint of this very moment, or begins to. */
  private save(): Promise<void> {
    const { config, parts, run, runId } = this.options;
    run.checkPresent();
    return this.checkpoints.save(async () => {
      const { envSteps, updates } = parts.learner;
      const state: StateDict = {
        learner: await parts.learner.getState(),
        episodeMeans: this.episodeMeans.getState(),
        updateMeans: this.updateMeans.getState(),
        evaluations: this.evaluations.getState(),
        trainSeconds: this.clock.seconds,
        wallSeconds: this.wallSeconds,
      };
      return {
        meta: { config: { ...config }, run: runId, envSteps, updates, evaluation: this.evaluations.current },
        state,
      };
    });
  }

  /** The evaluation after training: of the best policy, or of the present one if the goal was reached. */
  private async finish(): Promise<SessionEnd> {
    const { config, parts, signal } = this.options;
    let checkpoint = this.checkpoints.saved?.envSteps === this.envSteps ? this.checkpoints.saved.path : null;
    let evaluation: EvaluationResult | null = null;
    if (signal?.aborted) checkpoint ??= this.checkpoints.store.latest();
    else {
      const best = this.evaluations.chosen;
      const state = best === null || best === checkpoint ? null : this.readPolicy(best);
      if (state !== null) {
        await parts.policy.setState(state);
        checkpoint = best;
      }
      evaluation = await this.evaluator.final(this.envSteps);
    }
    const { envSteps, episodes, updates } = parts.learner;
    const status = parts.learner.status?.();
    return {
      env: config.env,
      algorithm: config.algorithm,
      seed: config.seed,
      envSteps,
      episodes,
      updates,
      trainSeconds: this.clock.seconds,
      wallSeconds: this.wallSeconds,
      goalReached: this.evaluations.goalReached,
      interrupted: signal?.aborted ?? false,
      evaluation,
      checkpoint,
      ...(status === undefined ? {} : { workers: { refused: status.refused, expelled: status.expelled } }),
      warnings: this.warnings,
      missing: [],
    };
  }

  /** Returns the state of a checkpoint's policy; null, with a warning, if the file is damaged. */
  private readPolicy(path: string): StateDict | null {
    try {
      return asState(asState(readCheckpoint(path).state, 'learner'), 'policy');
    } catch (error) {
      if (!(error instanceof CheckpointDamagedError)) throw error;
      this.warn(`${error.message} It was to be evaluated at the end; the present policy is evaluated instead.`);
      return null;
    }
  }

  private get wallSeconds(): number {
    return this.earlierWallSeconds + (performance.now() - this.options.wallStart) / 1000;
  }

  private warn(message: string): void {
    this.warnings.push(message);
    this.options.onEvent({ kind: 'warning', message });
  }
}
