import { MetricsLog, type MetricsRecord } from './metrics.ts';
import type { RunDirectory } from './run-directory.ts';
import { scalarsOf } from './scalars.ts';
import { TensorBoardWriter } from './tensorboard.ts';

/** Writes what happens in a run into its metrics and its TensorBoard events. */
export class RunRecorder {
  private readonly metrics: MetricsLog;
  private readonly board: TensorBoardWriter;

  /**
   * @param resumeAt environment steps of the checkpoint that is continued; null for a new run.
   * @param evaluates whether the evaluation at that many steps is made anew.
   */
  constructor(run: RunDirectory, resumeAt: number | null, warn: (message: string) => void, evaluates = false) {
    const problem = (file: string) => (error: unknown) =>
      warn(
        `Writing ${file} fails: ${error instanceof Error ? error.message : error}. Training goes on; what is missing is written when it can be.`,
      );
    this.metrics = new MetricsLog(run.metricsPath, resumeAt, problem(run.metricsPath), evaluates);
    this.board = new TensorBoardWriter(run.path, resumeAt ?? 0, Date.now() / 1000, problem('the TensorBoard events'));
  }

  /** Appends a line of the metrics, and what is drawn of it. */
  record(record: MetricsRecord): void {
    this.metrics.append(record);
    this.board.scalars(record.envSteps, Date.now() / 1000, scalarsOf(record));
  }

  close(): void {
    this.metrics.close();
    this.board.close();
  }
}
