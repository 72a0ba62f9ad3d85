import { createHash } from 'node:crypto';
import { readCheckpoint } from '../../src/training/index.ts';

const COLUMNS = ['observations', 'actions', 'rewards', 'nextObservations', 'discounts'] as const;

/** A checksum of each transition, from columns `[rows, width]` by name. */
export function rowChecksums(columns: Readonly<Record<string, unknown>>, rows: number): string[] {
  const arrays = COLUMNS.map(name => columns[name] as Float32Array); // The columns of a transition, by their names.
  return Array.from({ length: rows }, (_, row) => {
    const hash = createHash('sha1');
    for (const array of arrays) {
      const width = array.length / rows;
      const numbers = array.subarray(row * width, (row + 1) * width);
      hash.update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
    }
    return hash.digest('base64').slice(0, 16);
  });
}

/** How often each transition is in a checkpoint's replay, by its checksum; and the counts it holds. */
export function checkpointRows(path: string): {
  readonly counts: ReadonlyMap<string, number>;
  readonly envSteps: number;
  readonly updates: number;
} {
  const { state, meta } = readCheckpoint(path);
  const { replay } = state.learner as unknown as { replay: Record<string, unknown> & { size: number } }; // WorkerLoop's.
  const counts = new Map<string, number>();
  for (const checksum of rowChecksums(replay, replay.size)) counts.set(checksum, (counts.get(checksum) ?? 0) + 1);
  return { counts, envSteps: meta.envSteps, updates: meta.updates };
}
