import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { AppendFile } from '../common/append-file.ts';
import { checkRegularFile } from '../common/regular-file.ts';

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
  /** If there are rollout workers: how many of them were expelled so far. */
  readonly expelledWorkers?: number;
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
  /** False if no episode said whether it succeeded. */
  readonly successReported?: boolean;
  /** Where evaluation has a process of its own: the beginning of the SHA-256 of the weights it was of. */
  readonly weights?: string;
}

export type MetricsRecord = TrainRecord | EvaluationRecord;

const train = z.object({
  type: z.literal('train'),
  envSteps: z.number(),
  episodes: z.number(),
  updates: z.number(),
  seconds: z.number(),
  meanReturn: z.number(),
  meanLength: z.number(),
  successRate: z.number(),
  // JSON has null for what is not finite.
  learner: z.record(z.string(), z.number().nullable()),
  expelledWorkers: z.number().optional(),
});

const evaluation = z.object({
  type: z.literal('evaluation'),
  purpose: z.enum(['periodic', 'confirmation', 'final']),
  envSteps: z.number(),
  seconds: z.number(),
  episodes: z.number(),
  successRate: z.number(),
  successInterval: z.tuple([z.number(), z.number()]),
  meanReturn: z.number(),
  meanLength: z.number(),
});

const schema = z.discriminatedUnion('type', [train, evaluation]);

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

  get path(): string {
    return this.file.path;
  }

  /** Returns whether all that was appended is in the file. */
  close(): boolean {
    return this.file.close();
  }
}

/**
 * All records of a metrics file, in order; a last line without its end is left out. An absent file is an empty one.
 *
 * @param onDamaged told how many lines, if any, are no records, and were left out.
 */
export function readMetrics(path: string, onDamaged: (lines: number) => void = () => {}): MetricsRecord[] {
  if (!existsSync(path)) return [];
  const read = [...lines(readWhole(path))].map(line => line.record);
  const records = read.filter(isComplete);
  if (records.length < read.length) onDamaged(read.length - records.length);
  return records;
}

function readWhole(path: string): Buffer {
  checkRegularFile(path);
  return readFileSync(path);
}

function keptBytes(path: string, envSteps: number, evaluates: boolean): number {
  if (!existsSync(path)) return 0;
  let kept = 0;
  for (const { record, end } of wholeLines(readWhole(path))) {
    // A final evaluation is no part of what goes on: the run was over, and now is not.
    if (record.envSteps > envSteps || (record.type === 'evaluation' && record.purpose === 'final')) break;
    if (evaluates && record.envSteps === envSteps && record.type === 'evaluation') break;
    kept = end;
  }
  return kept;
}

/** The whole lines of a metrics file's bytes, and where each ends; what is not whole is left out. */
export function* wholeLines(bytes: Buffer): Generator<{ record: MetricsRecord; end: number }> {
  for (const { record, end } of lines(bytes)) if (record !== null) yield { record, end };
}

function isComplete(record: MetricsRecord | null): record is MetricsRecord {
  return schema.safeParse(record).success;
}

/** All lines that have an end, each with where that is; null for what is none of ours. */
function* lines(bytes: Buffer): Generator<{ record: MetricsRecord | null; end: number }> {
  for (let start = 0, newline = bytes.indexOf(0x0a); newline >= 0; newline = bytes.indexOf(0x0a, start)) {
    const record = parse(bytes.toString('utf8', start, newline));
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
