import { expect, test } from 'vitest';
import { LIMITS } from '../../../src/training/bus/index.ts';
import { train } from '../../../src/training/index.ts';
import { checkExperienceFits, checkWeightsFit } from '../../../src/training/workers/message-sizes.ts';
import { temporaryFolder } from '../run-files.ts';

const column = (width: number) => [{ name: 'observations', width }];

test('experience that cannot be one message is refused, by its rows and by its bytes', () => {
  expect(() => checkExperienceFits(LIMITS.rows, column(256))).not.toThrow();
  expect(() => checkExperienceFits(LIMITS.rows + 1, column(1))).toThrow('a message holds 65536');
  expect(() => checkExperienceFits(LIMITS.rows, column(257))).toThrow('up to 65 MiB of experience at once');
});

test('weights that cannot be one message are refused, by their number and by their bytes', () => {
  const arrays = (count: number, bytes: number) => Array.from({ length: count }, () => new Uint8Array(bytes));
  expect(() => checkWeightsFit(arrays(256, 4))).not.toThrow();
  expect(() => checkWeightsFit(arrays(257, 4))).toThrow('257 arrays');
  expect(() => checkWeightsFit([new Uint8Array(LIMITS.frame + 1)])).toThrow('the largest of 65 MiB');
});

test('a training whose rollouts are too long for one worker says so before it begins, and names the way out', async () => {
  const options = { env: 'CartPole-v1', algorithm: 'ppo', workers: 1, agentOptions: { timestepsPerBatch: 70_000 } };
  await expect(train({ options, runsDirectory: temporaryFolder() })).rejects.toThrow('among more --workers');
});
