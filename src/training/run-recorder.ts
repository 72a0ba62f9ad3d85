import { MetricsLog, type MetricsRecord } from './metrics.ts';
import type { RunDirectory } from './run-directory.ts';
import { scalarsOf } from './scalars.ts';
import { TensorBoardWriter } from './tensorboard.ts';

/** Writes what happens in a run into its metrics and its TensorBoard events. */
export class RunRecorder {
  private readonly run: RunDirectory;
  private readonly metrics: MetricsLog;
  private readonly board: TensorBoardWriter;

  /**
   * @param resumeAt environment steps of the checkpoint that is continued; null for a new run.
   * @param evaluates whether the evaluation at that many steps is made anew.
   */
  constructor(run: RunDirectory, resumeAt: number | null, warn: (message: string) => void, evaluates = false) {
    this.run = run;
    const problem = (file: string) => (error: unknown) =>
      warn(
        `Writing ${file} fails: ${error instanceof Error ? error.message : error}. Training goes on; what is missing is written when it can be.`,
      );
    this.metrics = new MetricsLog(run.metricsPath, resumeAt, problem(run.metricsPath), evaluates);
    this.board = new TensorBoardWriter(run.path, resumeAt, Date.now() / 1000, problem('the TensorBoard events'));
  }

  /** Appends a line of the metrics, and what is drawn of it. Throws RunGoneError and FileGoneError. */
  record(record: MetricsRecord): void {
    this.run.checkPresent();
    this.metrics.append(record);
    this.board.scalars(record.envSteps, Date.now() / 1000, scalarsOf(record));
  }

  /** Returns the files in which something is missing. */
  close(): string[] {
    return [this.metrics, this.board].filter(file => !file.close()).map(({ path }) => path);
  }
}
