import { parentPort, workerData } from 'node:worker_threads';
import { type CheckpointMeta, type StateArray, unflatten } from './checkpoint-format.ts';
import { CheckpointStore } from './checkpoint-store.ts';
import { CheckpointWriteError } from './errors.ts';

/** What the thread is started with. */
export interface SaverData {
  readonly directory: string;
  readonly keep: number;
}

/** A checkpoint to write: its state as `flatten` leaves it. */
export interface SaveOrder {
  readonly meta: CheckpointMeta;
  readonly tree: unknown;
  readonly arrays: readonly StateArray[];
}

/** Where it was written, or why it could not be. */
export type SaveAnswer = { readonly path: string } | { readonly reason: string };

const { directory, keep } = workerData as SaverData; // Given where it is started.
const store = new CheckpointStore(directory, keep);

function save({ meta, tree, arrays }: SaveOrder): SaveAnswer {
  try {
    return { path: store.save(meta, unflatten(tree, arrays)) };
  } catch (error) {
    if (error instanceof CheckpointWriteError) return { reason: error.message };
    throw error;
  }
}

parentPort?.on('message', (order: SaveOrder) => parentPort?.postMessage(save(order)));
