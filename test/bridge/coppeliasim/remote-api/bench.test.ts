import { expect, test } from 'vitest';
import { run } from '../../../../bench/bridge.ts';

test('bench bridge measures all it is to measure, and says aloud where the official client is missing', async () => {
  const result = await run({ pythons: ['no-such-python'], rounds: 1, calls: 42 });
  expect(result.ratioToPython).toBeNull();
  expect(result.note).toMatch(/none of no-such-python has CoppeliaSim's official client/);
  for (const rate of [result.callsPerSecond.ours, result.stepsPerSecond.fastLane, result.stepsPerSecond.callByCall])
    expect(rate).toBeGreaterThan(0);
  // Nine targets, a step, and 22 reads and the contacts; then one exchange instead of 21.
  expect(result.stepsPerSecond.callsPerStep).toBeGreaterThanOrEqual(33);
  expect(result.ratioOfBatch).toBeGreaterThan(1);
  expect(result.ratioOfFastLane).toBeGreaterThan(1);
});
