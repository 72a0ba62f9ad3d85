import { expect, test } from 'vitest';
import * as z from 'zod';
import { editDistance, nearMatch } from '../../src/common/near-match.ts';
import { parseOptions } from '../../src/common/options.ts';

const schema = z.strictObject({
  reward: z.enum(['sparse', 'dense']).default('dense'),
  steps: z.int().positive().default(3),
});

test('defaults are filled in', () => {
  expect(parseOptions(schema, { steps: 5 }, 'Toy')).toEqual({ reward: 'dense', steps: 5 });
  expect(parseOptions(schema, undefined, 'Toy')).toEqual({ reward: 'dense', steps: 3 });
});

test('what is wrong is named, with the near match', () => {
  expect(() => parseOptions(schema, { rewrad: 'dense' }, 'Toy')).toThrow(
    /"rewrad" is not an option of Toy\. Did you mean "reward"\?/,
  );
  expect(() => parseOptions(schema, { reward: 'spars' }, 'Toy')).toThrow(
    /"reward" of Toy cannot be "spars"\. Did you mean "sparse"\?/,
  );
  expect(() => parseOptions(schema, { steps: -1 }, 'Toy')).toThrow(/"steps" of Toy cannot be -1/);
  expect(() => parseOptions(schema, { steps: 'x', reward: 1 }, 'Toy')).toThrow(
    /"reward".*\n?.*"steps"|"steps".*\n?.*"reward"/s,
  );
});

test('edits are counted, near names found, far ones not', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('ab', 'ba')).toBe(1);
  expect(nearMatch('sawyergrasp', ['SawyerLift-v1', 'SawyerGrasp-v1'])).toBe('SawyerGrasp-v1');
  expect(nearMatch('--sede', ['seed', 'steps'])).toBe('seed');
  expect(nearMatch('zzzz', ['seed', 'steps'])).toBeUndefined();
});
