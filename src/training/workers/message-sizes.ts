import { UsageError } from '../../common/errors.ts';
import { type Column, LIMITS } from '../bus/index.ts';
import { rowWidth } from './layout.ts';

const MEGABYTE = 1 << 20;

/** Throws UsageError where experience of so many rows cannot be one message. */
export function checkExperienceFits(rows: number, layout: readonly Column[]): void {
  const bytes = rows * rowWidth(layout) * 4;
  if (rows > LIMITS.rows)
    throw new UsageError(
      `A rollout worker would send up to ${rows} transitions at once, and a message holds ${LIMITS.rows}. ` +
        'Share the batch among more --workers, or make it smaller.',
    );
  if (bytes > LIMITS.frame)
    throw new UsageError(
      `A rollout worker would send up to ${Math.ceil(bytes / MEGABYTE)} MiB of experience at once, and a message holds ${LIMITS.frame / MEGABYTE}. ` +
        'Share it among more --workers, make batches or observations smaller, or train with --workers 0.',
    );
}

/** Throws UsageError where weights of these arrays cannot be one message. */
export function checkWeightsFit(arrays: readonly Uint8Array[]): void {
  const largest = arrays.reduce((most, { byteLength }) => Math.max(most, byteLength), 0);
  if (arrays.length < LIMITS.frames && largest <= LIMITS.frame) return;
  throw new UsageError(
    `The policy's weights are ${arrays.length} arrays, the largest of ${Math.ceil(largest / MEGABYTE)} MiB; rollout workers take ` +
      `${LIMITS.frames - 1} of ${LIMITS.frame / MEGABYTE} MiB each. Join or split them in getWeights, or train with --workers 0.`,
  );
}
