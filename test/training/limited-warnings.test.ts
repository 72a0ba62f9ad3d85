import { expect, test } from 'vitest';
import { LimitedWarnings } from '../../src/training/limited-warnings.ts';

test('LimitedWarnings shows the first ten warnings of each kind, then one each time their number grows tenfold', () => {
  const shown: string[] = [];
  const warnings = new LimitedWarnings(message => shown.push(message));
  for (let i = 1; i <= 12_345; i++) {
    warnings.add('failed', `Failure ${i}.`);
    if (i % 5_000 === 0) warnings.add('silent', `Silence ${i}.`);
  }
  expect(shown.filter(message => message.startsWith('Silence'))).toEqual(['Silence 5000.', 'Silence 10000.']);
  const failures = shown.filter(message => message.startsWith('Failure'));
  expect(failures).toHaveLength(13);
  expect(failures.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, i) => `Failure ${i + 1}.`));
  expect(failures[9]).toContain('Failure 10. Further warnings of this kind are counted');
  expect(failures.slice(10)).toEqual([
    'Failure 100. This is warning 100 of its kind.',
    'Failure 1000. This is warning 1,000 of its kind.',
    'Failure 10000. This is warning 10,000 of its kind.',
  ]);
});
