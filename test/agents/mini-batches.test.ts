import { expect, test } from 'vitest';
import { gatherRows, rowMiniBatches, sequenceMiniBatches } from '../../src/agents/mini-batches.ts';
import { Random } from '../../src/common/random.ts';

test('rows come once each, in random order, the last mini-batch padded', () => {
  const batches = rowMiniBatches(10, 4, new Random(1));
  expect(batches.map(batch => batch.rows.length)).toEqual([4, 4, 4]);
  expect([...(batches[2]?.rows ?? [])].filter(row => row === -1).length).toBe(2);
  const rows = batches.flatMap(batch => [...batch.rows]).filter(row => row >= 0);
  expect(rows).not.toEqual([...rows].sort((a, b) => a - b));
  expect(rows.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('sequences never cross a trajectory, and start where their state is', () => {
  const lengths = [5, 1, 4];
  const batches = sequenceMiniBatches(lengths, 2, 3, new Random(2));
  // 3 + 1 + 2 sequences, three at a time.
  expect(batches.length).toBe(2);
  const sequences = batches.flatMap(({ rows, starts }) =>
    [0, 1, 2].map(place => ({ start: starts[place], rows: [rows[place], rows[3 + place]] })),
  );
  sequences.sort((a, b) => Number(a.start) - Number(b.start));
  expect(sequences).toEqual([
    { start: 0, rows: [0, 1] },
    { start: 2, rows: [2, 3] },
    { start: 4, rows: [4, -1] },
    { start: 5, rows: [5, -1] },
    { start: 6, rows: [6, 7] },
    { start: 8, rows: [8, 9] },
  ]);
});

test('padding is gathered as zeros', () => {
  const into = new Float32Array(6).fill(9);
  gatherRows(Float32Array.of(1, 2, 3, 4), 2, Int32Array.of(1, -1, 0), into);
  expect([...into]).toEqual([3, 4, 0, 0, 1, 2]);
});
