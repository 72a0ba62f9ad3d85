import { existsSync, readFileSync } from 'node:fs';
import { AppendFile } from '../common/append-file.ts';

/** What was learned since the line before. */
export interface TrainRecord {
  readonly type: 'train';
  readonly envSteps: number;
  readonly episodes: number;
  readonly updates: number;
  /** Training time so far, without evaluation, s. */
  readonly seconds: number;
  /** Means over the episodes since the line before. */
  readonly meanReturn: number;
  readonly meanLength: number;
  readonly successRate: number;
  /** Means over the updates since the line before: what `learnOnBatch` returned, by name. */
  readonly learner: Readonly<Record<string, number>>;
}

/** A deterministic evaluation. */
export interface EvaluationRecord {
  readonly type: 'evaluation';
  /** `periodic` on the way, `confirmation` when the goal seems reached, `final` after training. */
  readonly purpose: 'periodic' | 'confirmation' | 'final';
  readonly envSteps: number;
  readonly seconds: number;
  readonly episodes: number;
  readonly successRate: number;
  readonly successInterval: readonly [number, number];
  readonly meanReturn: number;
  readonly meanLength: number;
  /** Where evaluation has a process of its own: the beginning of the SHA-256 of the weights it was of. */
  readonly weights?: string;
}

export type MetricsRecord = TrainRecord | EvaluationRecord;

/**
 * A run's `metrics.jsonl`: one JSON object a line, only ever appended to.
 *
 * A process killed at any byte leaves at most one torn line, which is cut when the run goes on.
 */
export class MetricsLog {
  private readonly file: AppendFile;

  /**
   * @param from what is kept of an existing file: the whole lines up to and including that many environment steps,
   * the very state of the checkpoint that is continued, so that nothing stands there twice. Null begins anew.
   * @param evaluates whether the evaluation at that many steps is made anew: what was written of it is not kept.
   */
  constructor(path: string, from: number | null, onProblem: (error: unknown) => void, evaluates = false) {
    this.file = new AppendFile(path, from === null ? 0 : keptBytes(path, from, evaluates), onProblem);
  }

  append(record: MetricsRecord): void {
    this.file.append(Buffer.from(`${JSON.stringify(record)}\n`));
  }

  close(): void {
    this.file.close();
  }
}

/** All whole lines of a metrics file, in order; a torn last line is left out. An absent file is an empty one. */
export function readMetrics(path: string): MetricsRecord[] {
  return existsSync(path) ? [...wholeLines(readFileSync(path))].map(line => line.record) : [];
}

function keptBytes(path: string, envSteps: number, evaluates: boolean): number {
  if (!existsSync(path)) return 0;
  let kept = 0;
  for (const { record, end } of wholeLines(readFileSync(path))) {
    // A final evaluation is no part of what goes on: the run was over, and now is not.
    if (record.envSteps > envSteps || (record.type === 'evaluation' && record.purpose === 'final')) break;
    if (evaluates && record.envSteps === envSteps && record.type === 'evaluation') break;
    kept = end;
  }
  return kept;
}

/** The whole lines of a metrics file's bytes, and where each ends; what is not whole is left out. */
export function* wholeLines(bytes: Buffer): Generator<{ record: MetricsRecord; end: number }> {
  for (let start = 0; ; ) {
    const newline = bytes.indexOf(0x0a, start);
    if (newline < 0) return;
    const record = parse(bytes.toString('utf8', start, newline));
    // Nothing after a line that is not ours can be trusted to follow what came before.
    if (record === null) return;
    start = newline + 1;
    yield { record, end: start };
  }
}

function parse(line: string): MetricsRecord | null {
  try {
    const record = JSON.parse(line) as MetricsRecord | null; // Written by this class; its kind is checked below.
    return record?.type === 'train' || record?.type === 'evaluation' ? record : null;
  } catch {
    return null;
  }
}
