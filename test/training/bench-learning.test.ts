import { expect, test } from 'vitest';
import { type LearningRow, type LearningSetting, reaches, run, SETTINGS } from '../../bench/learning.ts';

test('bench learning trains a setting as a user would, and says what it came to', async () => {
  const [setting] = SETTINGS as [LearningSetting];
  const short = { ...setting, steps: 300, episodes: 2 };
  const [row] = await run(short, [1], null);
  expect(row).toMatchObject({ seed: 1, torch: null });
  expect(row?.envSteps).toBeGreaterThanOrEqual(300);
  // An episode that was balanced by chance is some ten steps long at least.
  expect(row?.meanReturn).toBeGreaterThan(5);
});

test('a goal may be to reach something, or to stay below it', () => {
  const row = { meanReturn: 480, successRate: 0.5 } as LearningRow; // All that a goal looks at.
  const goal = (wanted: LearningSetting['goal']) => reaches({ ...(SETTINGS[0] as LearningSetting), goal: wanted }, row);
  expect(goal({ measure: 'return', least: 475 })).toBe(true);
  expect(goal({ measure: 'return', below: 200 })).toBe(false);
  expect(goal({ measure: 'success', least: 0.98 })).toBe(false);
});
