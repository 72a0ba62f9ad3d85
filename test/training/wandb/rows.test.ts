import { expect, test } from 'vitest';
import type { EvaluationRecord, TrainRecord } from '../../../src/training/index.ts';
import { RowBuilder } from '../../../src/training/wandb/rows.ts';

const trained = (envSteps: number): TrainRecord => ({
  ...{ type: 'train', envSteps, episodes: 1, updates: 2, seconds: 3, meanReturn: 4, meanLength: 5, successRate: 0.6 },
  learner: { criticLoss: 0.7 },
});

const evaluated = (envSteps: number): EvaluationRecord => ({
  ...{ type: 'evaluation', purpose: 'periodic', envSteps, seconds: 3, episodes: 10, successRate: 0.5 },
  ...{ successInterval: [0.2, 0.8], meanReturn: 6, meanLength: 7 },
});

test('lines of one step are one row, which is complete when the next one begins', () => {
  const rows = new RowBuilder();
  expect(rows.add(trained(250))).toBeNull();
  expect(rows.add(evaluated(250))).toBeNull();
  const row = rows.add(trained(500));
  expect(row?.step).toBe(250);
  expect(row?.values).toMatchObject({ env_steps: 250, 'learner/criticLoss': 0.7, 'evaluation/success_low': 0.2 });
  expect(rows.rest()?.step).toBe(500);
  expect(rows.rest()).toBeNull();
});

test('a late evaluation has a row of its own that says of which step it is, and steps only rise', () => {
  const rows = new RowBuilder();
  const all = [trained(500), evaluated(250), trained(501), trained(750)].map(record => rows.add(record));
  const told = [...all, rows.rest()].filter(row => row !== null);
  expect(told.map(row => row.step)).toEqual([500, 501, 502, 750]);
  expect(told.map(row => row.values.env_steps)).toEqual([500, 250, 501, 750]);
});
