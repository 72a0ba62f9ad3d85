import { expect, test } from 'vitest';
import { UsageError } from '../../../src/common/errors.ts';
import { train } from '../../../src/training/index.ts';
import { checkCapacity } from '../../../src/training/workers/capacity.ts';
import { temporaryFolder } from '../run-files.ts';
import { started } from './processes.ts';

const MACHINE = { processors: 4, memory: 8e9 };

function check(workers: number, more: object = {}, machine = MACHINE) {
  return () => checkCapacity({ workers, envsPerWorker: 1, simulator: 'mujoco', ...more }, machine);
}

test('checkCapacity accepts four workers for each processor, as far as memory goes', () => {
  expect(check(16)).not.toThrow();
  expect(check(17)).toThrow('17 workers for 4 processors are more than 4 each (16). Use --workers 16 or fewer');
  expect(check(0, {}, { processors: 1, memory: 0 })).not.toThrow();
  expect(check(4, {}, { processors: 4, memory: 1e9 })).toThrow(
    '4 workers of about 260 MB each and an evaluation process need 1,300 MB of memory, and 1,000 MB are available (enough for 2).',
  );
  expect(check(1, {}, { processors: 4, memory: 1e8 })).toThrow('Use --workers 0');
});

test('checkCapacity counts environments, and simulators that are started for them', () => {
  expect(check(8, { envsPerWorker: 64 })).toThrow('about 1,520 MB each');
  expect(check(8, { simulator: 'coppeliasim' })).not.toThrow();
  expect(check(16, { simulator: 'coppeliasim' })).toThrow('about 760 MB each');
});

test('checkCapacity names all problems, and the way around them', () => {
  expect(check(500)).toThrow(UsageError);
  expect(check(500)).toThrow(/500 workers for 4 processors.*need 130,260 MB.*start them anyway with --force\.$/);
});

test('train refuses hundreds of workers before anything is started or written', async () => {
  const options = { env: 'SawyerReach-v1', workers: 1_000 };
  const training = train({ options, runsDirectory: temporaryFolder() });
  await expect(training).rejects.toThrow('Too many rollout workers for this machine');
  expect(started(/worker-main/)).toEqual([]);
});
