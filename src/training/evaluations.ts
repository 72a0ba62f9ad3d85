import type { Policy } from '../agents/index.ts';
import type { StateDict } from '../common/state-dict.ts';
import { type CheckpointStore, isBetter } from './checkpoint-store.ts';
import type { TrainConfig } from './config.ts';
import type { EvaluationResult } from './evaluate.ts';
import type { CheckedGoal, Evaluator } from './evaluator.ts';
import type { MetricsRecord } from './metrics.ts';
import { asBoolean, asNumber, isState } from './state.ts';
import type { Stopwatch } from './stopwatch.ts';
import type { EvaluationProcess, FinishedEvaluation } from './workers/index.ts';

export interface EvaluationsOptions {
  readonly config: TrainConfig;
  readonly evaluator: Evaluator;
  /** Evaluates while training goes on; without it, training waits for each evaluation. */
  readonly process: EvaluationProcess | undefined;
  readonly policy: Policy;
  readonly learner: { readonly envSteps: number; readonly updates: number };
  /** The run's id, which checkpoints of the policy carry, too. */
  readonly runId: string;
  readonly store: CheckpointStore;
  readonly clock: Stopwatch;
  readonly signal: AbortSignal | undefined;
  readonly onRecord: (record: MetricsRecord) => void;
}

/** A training's evaluations on the way: which one is due, which was the best, and whether the goal is reached. */
export class Evaluations {
  /** Whether one is to be made; it stays so until it can begin. */
  due = false;
  /** The one made at the present step while training waited, if there is one. */
  current: EvaluationResult | null = null;
  private readonly options: EvaluationsOptions;
  /** The success rate that was reached and confirmed; 0 until then. */
  private reached = 0;
  private best: Pick<EvaluationResult, 'successRate' | 'meanReturn'> | null = null;
  private confirmed: string | null = null;

  constructor(options: EvaluationsOptions) {
    this.options = options;
  }

  get goalReached(): boolean {
    const { untilSuccess } = this.options.config;
    return this.reached > 0 && untilSuccess > 0 && this.reached >= untilSuccess;
  }

  /** Whether training goes on meanwhile. */
  get aside(): boolean {
    return this.options.process !== undefined;
  }

  /**
   * The checkpoint to end with; null where it is the one of this moment. What reached the goal is what the training was
   * for, even where something else scored better by luck.
   */
  get chosen(): string | null {
    return this.confirmed ?? (this.goalReached ? null : this.options.store.best());
  }

  /**
   * Makes the evaluation that is due, while training waits. Returns whether the policy is the best so far; null where
   * none was due, or the signal cut it short: then it still is when the run goes on.
   */
  async make(): Promise<{ readonly improved: boolean } | null> {
    const { signal, evaluator, learner } = this.options;
    if (!this.due || signal?.aborted) return null;
    const checked = await evaluator.checkGoal(learner.envSteps);
    if (checked === null || signal?.aborted) return null;
    this.due = false;
    this.current = checked.result;
    return { improved: this.takeIn(checked) };
  }

  /**
   * Takes in what has ended in the process of its own, and begins there what is due. At the last step it waits, since
   * what comes out decides how the training ends.
   */
  async exchange(process: EvaluationProcess): Promise<void> {
    const { config, signal, learner, clock } = this.options;
    for (;;) {
      const finished = process.take();
      if (finished !== null) this.takeFinished(finished);
      if (signal?.aborted || this.goalReached) return;
      if (this.due && !process.busy) await this.begin(process);
      if (learner.envSteps < config.steps || !process.busy) return;
      const running = clock.pause();
      await process.settled(signal);
      if (running) clock.start();
    }
  }

  getState(): StateDict {
    return {
      // One under way would be lost with this process: it is due again then.
      due: this.due || this.options.process?.busy === true,
      reached: this.reached,
      best: this.best,
    };
  }

  /** Throws CheckpointDamagedError. */
  setState(state: StateDict): void {
    this.due = asBoolean(state, 'due');
    this.reached = asNumber(state, 'reached');
    this.best = isState(state.best)
      ? { successRate: asNumber(state.best, 'successRate'), meanReturn: asNumber(state.best, 'meanReturn') }
      : null;
  }

  private async begin(process: EvaluationProcess): Promise<void> {
    const { policy, store, clock, runId } = this.options;
    const { envSteps, updates } = this.options.learner;
    const state = await policy.getState();
    process.begin({
      run: runId,
      envSteps,
      updates,
      path: store.policyPath(envSteps),
      policy: state,
      seconds: clock.seconds,
    });
    this.due = false;
  }

  private takeFinished({ records, checked, path, envSteps }: FinishedEvaluation): void {
    for (const record of records) this.options.onRecord(record);
    this.takeIn(checked);
    if (this.goalReached) {
      this.confirmed = path;
      this.due = false;
    } else this.options.store.prunePolicies(envSteps + 1);
  }

  /** Returns whether it is the best so far. */
  private takeIn({ result, reached }: CheckedGoal): boolean {
    this.reached = reached;
    if (this.best !== null && isBetter(this.best, result)) return false;
    this.best = { successRate: result.successRate, meanReturn: result.meanReturn };
    return true;
  }
}
