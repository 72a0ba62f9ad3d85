import { UsageError } from '../../common/errors.ts';
import type { TransitionBatch } from '../policy.ts';

const ARRAYS = ['observations', 'actions', 'rewards', 'nextObservations', 'discounts'] as const;

/** Copies a batch into another's memory. Throws UsageError where they differ in size. */
export function copyBatch(from: TransitionBatch, to: TransitionBatch): void {
  for (const name of ARRAYS)
    if (from[name].length !== to[name].length)
      throw new UsageError(
        `Learning on a batch: its ${name} are ${from[name].length} numbers, but this policy's batches of ${to.size} have ` +
          `${to[name].length}. Batches have one fixed size (the option batchSize).`,
      );
  for (const name of ARRAYS) to[name].set(from[name]);
}
