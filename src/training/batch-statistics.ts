import type { Columns, TransitionBatch } from '../agents/policy.ts';

/** Lowest, highest and mean of an array's finite numbers, and how many are not finite: one line for people. */
export function describeArray(name: string, values: Float32Array): string {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let finite = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
    sum += value;
    finite++;
  }
  const rest = `${values.length - finite} of ${values.length} not finite`;
  if (finite === 0) return `  ${name}: ${rest}`;
  const show = (value: number) => value.toPrecision(4);
  return `  ${name}: min ${show(low)}, max ${show(high)}, mean ${show(sum / finite)}, ${rest}`;
}

/** Statistics of every array of a batch, a line each. */
export function describeBatch(batch: TransitionBatch): string {
  return [
    describeArray('observations', batch.observations),
    describeArray('actions', batch.actions),
    describeArray('rewards', batch.rewards),
    describeArray('nextObservations', batch.nextObservations),
    describeArray('discounts', batch.discounts),
  ].join('\n');
}

/** Statistics of every column, a line each. */
export function describeColumns(columns: Columns): string {
  return Object.entries(columns)
    .map(([name, values]) => describeArray(name, values))
    .join('\n');
}
