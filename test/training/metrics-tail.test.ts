import { appendFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MetricsTail } from '../../src/training/metrics-tail.ts';
import { temporaryFolder } from './run-files.ts';

const line = (envSteps: number, note = '') => `${JSON.stringify({ type: 'train', envSteps, note })}\n`;
const steps = ({ records }: MetricsTail) => records.map(({ envSteps }) => envSteps);

test('each look takes in the whole lines that were added; a torn one waits for its end', () => {
  const file = join(temporaryFolder(), 'metrics.jsonl');
  const tail = new MetricsTail(file);
  tail.look();
  expect(steps(tail)).toEqual([]);
  writeFileSync(file, line(1) + line(2).slice(0, 10));
  tail.look();
  expect(steps(tail)).toEqual([1]);
  appendFileSync(file, line(2).slice(10) + line(3));
  tail.look();
  tail.look();
  expect(steps(tail)).toEqual([1, 2, 3]);
  expect(tail.generation).toBe(0);
});

test('a file that was cut off and written anew is read again, whether it is shorter or longer by then', () => {
  const file = join(temporaryFolder(), 'metrics.jsonl');
  const tail = new MetricsTail(file);
  writeFileSync(file, line(1) + line(2) + line(3));
  tail.look();
  writeFileSync(file, line(1) + line(2));
  tail.look();
  expect(steps(tail)).toEqual([1, 2]);
  expect(tail.generation).toBe(1);
  writeFileSync(file, line(1) + line(2, 'another and longer') + line(4));
  tail.look();
  expect(steps(tail)).toEqual([1, 2, 4]);
  expect(tail.generation).toBe(2);
  writeFileSync(file, '');
  tail.look();
  expect(steps(tail)).toEqual([]);
});

test('a long file is taken in over several looks', () => {
  const file = join(temporaryFolder(), 'metrics.jsonl');
  const tail = new MetricsTail(file);
  // 3 MB
  const count = 3000;
  writeFileSync(file, Array.from({ length: count }, (_, i) => line(i, 'x'.repeat(1000))).join(''));
  tail.look();
  expect(tail.records.length).toBeGreaterThan(0);
  expect(tail.records.length).toBeLessThan(count);
  for (let look = 0; look < 5; look++) tail.look();
  expect(steps(tail)).toEqual(Array.from({ length: count }, (_, i) => i));
  expect(tail.generation).toBe(0);
});

test('a file that cannot be read is an error, and read once it can be', () => {
  const file = join(temporaryFolder(), 'metrics.jsonl');
  const tail = new MetricsTail(file);
  // A link to itself: root, too, cannot read that.
  symlinkSync(file, file);
  expect(() => tail.look()).toThrow('ELOOP');
  expect(() => tail.look()).toThrow('ELOOP');
  rmSync(file);
  writeFileSync(file, line(1));
  tail.look();
  expect(steps(tail)).toEqual([1]);
});
