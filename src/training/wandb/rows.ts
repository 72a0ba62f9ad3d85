import type { MetricsRecord } from '../metrics.ts';
import type { TrainSummary } from '../progress.ts';
import { evaluationPrefix, scalarsOf } from '../scalars.ts';
import type { WandbValues } from './messages.ts';

/** One row of a run's history at W&B. */
export interface WandbRow {
  /** Environment steps, raised where need be: no two rows have the same, and none has less than the one before. */
  readonly step: number;
  readonly values: WandbValues;
}

/**
 * Makes rows of the lines of the metrics.
 *
 * All lines of one step are one row, since W&B knows one a step; so a row is complete when the next one begins. An
 * evaluation in a process of its own may come late, for a step that is over: `env_steps` says which one that was.
 */
export class RowBuilder {
  private pending: { envSteps: number; step: number; values: Record<string, number> } | null = null;

  /** Takes a line; returns the row before, where that is complete now. */
  add(record: MetricsRecord): WandbRow | null {
    return this.put(record.envSteps, valuesOf(record));
  }

  /** Takes what came of the training. */
  addSummary(summary: TrainSummary): WandbRow | null {
    return this.put(summary.envSteps, summaryOf(summary));
  }

  /** The row that is still open. */
  rest(): WandbRow | null {
    const { pending } = this;
    this.pending = null;
    return pending;
  }

  private put(envSteps: number, values: WandbValues): WandbRow | null {
    const before = this.pending;
    if (before !== null && before.envSteps === envSteps) {
      Object.assign(before.values, values);
      return null;
    }
    const step = before === null ? envSteps : Math.max(envSteps, before.step + 1);
    this.pending = { envSteps, step, values: { env_steps: envSteps, ...values } };
    return before;
  }
}

/** All numbers of a line. */
function valuesOf(record: MetricsRecord): WandbValues {
  if (record.type === 'train')
    return { ...scalarsOf(record), 'time/episodes': record.episodes, 'time/updates': record.updates };
  const prefix = evaluationPrefix(record.purpose);
  const [low, high] = record.successInterval;
  return {
    ...scalarsOf(record),
    [`${prefix}/success_low`]: low,
    [`${prefix}/success_high`]: high,
    [`${prefix}/episodes`]: record.episodes,
  };
}

/** How it ended, for the table of runs. */
function summaryOf({ evaluation, trainSeconds, wallSeconds, goalReached, interrupted }: TrainSummary): WandbValues {
  return {
    'final/train_seconds': trainSeconds,
    'final/wall_seconds': wallSeconds,
    'final/goal_reached': Number(goalReached),
    'final/interrupted': Number(interrupted),
    ...(evaluation === null
      ? {}
      : {
          'final/success_rate': evaluation.successRate,
          'final/success_low': evaluation.successInterval[0],
          'final/success_high': evaluation.successInterval[1],
          'final/return': evaluation.meanReturn,
        }),
  };
}
