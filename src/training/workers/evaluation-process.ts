import { setPriority } from 'node:os';
import { GraspbridgeError } from '../../common/errors.ts';
import type { TrainConfig } from '../config.ts';
import { LimitedWarnings } from '../limited-warnings.ts';
import type { EvaluationSeeds } from '../streams.ts';
import { end, type PackageChild, startModule } from './child-process.ts';
import type { EvaluationAnswer, EvaluationOrder } from './evaluation-main.ts';

/** The evaluation process failed again and again. */
export class EvaluationFailedError extends GraspbridgeError {}

/** An evaluation that has ended, and the checkpoint it was of. */
export type FinishedEvaluation = Extract<EvaluationAnswer, { kind: 'checked' }> &
  Pick<EvaluationOrder, 'envSteps' | 'path'>;

export interface EvaluationHooks {
  readonly onWarning: (message: string) => void;
  /** Ends the process, which is not replaced from then on. */
  readonly signal?: AbortSignal | undefined;
  /** More arguments for Node. */
  readonly execArgv?: readonly string[];
}

/** Ends in a row that are survived. */
const ATTEMPTS = 3;
/** What Unix calls niceness: evaluation takes the processor time that training leaves. */
const NICENESS = 5;

/**
 * Evaluates checkpoints of the policy in a process of its own while training goes on: one at a time, the checkpoint
 * written there too, so that learning waits for neither games nor disks.
 */
export class EvaluationProcess {
  private readonly config: TrainConfig;
  private readonly seeds: EvaluationSeeds;
  private readonly hooks: EvaluationHooks;
  private readonly warnings: LimitedWarnings;
  private child: PackageChild;
  private order: EvaluationOrder | null = null;
  private finished: FinishedEvaluation | null = null;
  private failure: EvaluationFailedError | null = null;
  private attempts = 0;
  private closing: Promise<void> | null = null;
  private settle: () => void = () => {};
  private readonly onAbort = () => this.settle();
  private readonly onEnd = () => void this.close();

  constructor(config: TrainConfig, seeds: EvaluationSeeds, hooks: EvaluationHooks) {
    this.config = config;
    this.seeds = seeds;
    this.hooks = hooks;
    this.warnings = new LimitedWarnings(hooks.onWarning);
    this.child = this.start();
    hooks.signal?.addEventListener('abort', this.onEnd, { once: true });
    if (hooks.signal?.aborted) this.onEnd();
  }

  /** Whether an evaluation is under way, or has ended and was not taken. */
  get busy(): boolean {
    return this.order !== null || this.finished !== null;
  }

  /** Begins an evaluation; there must be none. */
  begin(order: Omit<EvaluationOrder, 'config' | 'seeds'>): void {
    this.order = { ...order, config: this.config, seeds: this.seeds };
    this.child.process.send(this.order, () => {}); // Where it died, its end says so.
  }

  /** The evaluation that has ended; null where none has. Throws EvaluationFailedError. */
  take(): FinishedEvaluation | null {
    if (this.failure !== null) throw this.failure;
    const { finished } = this;
    this.finished = null;
    return finished;
  }

  /** Resolves once the evaluation under way has ended, or at the signal. */
  async settled(signal?: AbortSignal): Promise<void> {
    if (this.order === null || this.failure !== null || signal?.aborted) return;
    await new Promise<void>(done => {
      this.settle = done;
      signal?.addEventListener('abort', this.onAbort, { once: true });
    });
    signal?.removeEventListener('abort', this.onAbort);
  }

  /** Ends the process; an evaluation under way is lost. */
  close(): Promise<void> {
    this.hooks.signal?.removeEventListener('abort', this.onEnd);
    this.closing ??= end(this.child.process);
    return this.closing;
  }

  private start(): PackageChild {
    const child = startModule('evaluation-main', this.hooks.execArgv);
    child.process.on('message', (answer: EvaluationAnswer) => this.hear(answer));
    child.process.on('error', error => this.lose(child, error.message));
    child.process.on('exit', (code, signal) => this.lose(child, `it ended with ${signal ?? `code ${code}`}`));
    try {
      if (child.process.pid !== undefined) setPriority(child.process.pid, NICENESS);
    } catch {
      // Not every system lets us; it is only a courtesy.
    }
    return child;
  }

  private hear(answer: EvaluationAnswer): void {
    if (this.order === null) return;
    if (answer.kind === 'failed') {
      this.fail(answer.text);
      return;
    }
    const { envSteps, path } = this.order;
    this.attempts = 0;
    this.order = null;
    if (answer.kind === 'skipped') {
      this.warnings.add('left out', `${answer.text} The evaluation at step ${envSteps} is left out. Training goes on.`);
      this.settle();
      return;
    }
    this.finished = { ...answer, envSteps, path };
    this.settle();
  }

  /** Starts another process, and the evaluation anew. */
  private lose(child: PackageChild, how: string): void {
    if (this.closing !== null || this.hooks.signal?.aborted || child !== this.child) return;
    if (++this.attempts >= ATTEMPTS) {
      this.fail(`${how}. ${child.complaints()}`);
      return;
    }
    this.warnings.add('lost', `The process that evaluates was lost (${how}); another one takes its place.`);
    this.child = this.start();
    if (this.order !== null) this.child.process.send(this.order, () => {}); // As in `begin`.
  }

  private fail(how: string): void {
    this.failure = new EvaluationFailedError(
      `Evaluating the checkpoint ${this.order?.path ?? ''} in a process of its own failed: ${how} ` +
        'Training stopped; go on with --resume once that is mended.',
    );
    this.settle();
  }
}
