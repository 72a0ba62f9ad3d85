import { expect, test } from 'vitest';
import { run as benchAct } from '../../bench/act.ts';
import { run as benchUpdate } from '../../bench/update.ts';

test('bench update measures every size, and says so where PyTorch is missing', async () => {
  const result = await benchUpdate({ pythons: ['no-such-python'], rounds: 1, secondsPerTurn: 0.01 });
  expect(Object.keys(result.updatesPerSecond)).toEqual(['default', 'S1', 'S2']);
  for (const rate of Object.values(result.updatesPerSecond)) expect(rate).toBeGreaterThan(0);
  expect(result.ratioToTorch).toBeNull();
  expect(result.note).toMatch(/PyTorch is missing.*no-such-python/);
});

test('bench act measures one action at a time', async () => {
  const result = await benchAct({ actions: 50, rounds: 1 });
  expect(result.microseconds).toBeGreaterThan(0);
  expect(result.microseconds99).toBeGreaterThanOrEqual(result.microseconds);
});
