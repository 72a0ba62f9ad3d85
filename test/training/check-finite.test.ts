import { expect, test } from 'vitest';
import { checkFinite } from '../../src/training/check-finite.ts';

test('refuses a reward or an observation that is not finite, and names the step', () => {
  const observation = Float32Array.of(0, 1);
  expect(() => checkFinite({ observation, reward: 1 }, 'Environment step 51')).not.toThrow();
  expect(() => checkFinite({ observation, reward: Number.NaN }, 'Environment step 51')).toThrow(
    'Environment step 51 returned the reward NaN',
  );
  expect(() => checkFinite({ observation: Float32Array.of(0, Infinity), reward: 1 }, 'Environment step 51')).toThrow(
    'Environment step 51 returned Infinity as number 1 of its observation',
  );
});
