import type { TransitionBatch } from '../../agents/index.ts';
import { type Column, MessageRefused } from '../bus/index.ts';

/** Columns of off-policy transitions: what a replay buffer holds. */
export function transitionLayout(sizes: { readonly observationSize: number; readonly actionSize: number }): Column[] {
  return [
    { name: 'observations', width: sizes.observationSize },
    { name: 'actions', width: sizes.actionSize },
    { name: 'rewards', width: 1 },
    { name: 'nextObservations', width: sizes.observationSize },
    { name: 'discounts', width: 1 },
  ];
}

/** Numbers in one row of all columns. */
export function rowWidth(layout: readonly Column[]): number {
  return layout.reduce((sum, { width }) => sum + width, 0);
}

/**
 * A payload's columns by name, views of it: each `[rows, width]`, one after the other.
 *
 * Throws MessageRefused where the payload has another length than the layout and the rows ask for.
 */
export function splitColumns(
  payload: Float32Array,
  rows: number,
  layout: readonly Column[],
): Readonly<Record<string, Float32Array>> {
  if (payload.length !== rows * rowWidth(layout))
    throw new MessageRefused(
      'garbage',
      `${rows} rows of experience came with ${payload.length} numbers, not ${rows * rowWidth(layout)}.`,
    );
  const columns: Record<string, Float32Array> = {};
  let offset = 0;
  for (const { name, width } of layout) {
    columns[name] = payload.subarray(offset, offset + rows * width);
    offset += rows * width;
  }
  return columns;
}

/** Columns of the transition layout as a batch of transitions. */
export function asTransitions(columns: Readonly<Record<string, Float32Array>>, rows: number): TransitionBatch {
  // splitColumns made one column for each name of transitionLayout.
  return { size: rows, ...columns } as unknown as TransitionBatch;
}
