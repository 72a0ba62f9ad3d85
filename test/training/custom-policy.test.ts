import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import {
  exportPolicy,
  loadAlgorithm,
  registerPolicy,
  type TrainOptions,
  testPolicy,
  train,
} from '../../src/training/index.ts';
import { lastStateOf, metricsOf, temporaryFolder } from './run-files.ts';

const examples = resolve(import.meta.dirname, '../../examples');

const common: TrainOptions = {
  seed: 2,
  untilSuccess: 0,
  evalEvery: 1_000,
  evalEpisodes: 2,
  finalEpisodes: 20,
  checkpointEvery: 500,
  logEvery: 200,
};

const EXAMPLES: Readonly<Record<string, TrainOptions>> = {
  'reinforce.ts': { ...common, env: 'CartPole-v1', agentOptions: { timestepsPerBatch: 300, miniBatchSize: 400 } },
  'remembering.ts': { ...common, env: 'CartPoleMasked-v1' },
};

for (const [file, given] of Object.entries(EXAMPLES)) {
  const options = { ...given, algorithm: join(examples, file), steps: 3_000 };

  test(`${file}: interrupted, it goes on bit for bit, is tested, and leaves curves`, async () => {
    const runsDirectory = temporaryFolder();
    const whole = await train({ options, runsDirectory, name: 'whole' });
    const controller = new AbortController();
    const onEvent = (event: { kind: string; envSteps?: number }) => {
      if (event.kind === 'progress' && (event.envSteps ?? 0) >= 700) controller.abort();
    };
    await train({ options, runsDirectory, name: 'parts' }, { signal: controller.signal, onEvent });
    const parts = await train({ resume: true, runsDirectory, name: 'parts' });
    expect(metricsOf(parts.directory)).toEqual(metricsOf(whole.directory));
    expect(lastStateOf(parts.directory)).toEqual(lastStateOf(whole.directory));
    expect(existsSync(join(parts.directory, 'curves.svg'))).toBe(true);
    expect((await testPolicy(parts.checkpoint as string, { episodes: 2, seed: 1 })).episodes).toBe(2);
  });
}

test('the policy gradient of the examples learns CartPole, and is exported', async () => {
  const options: TrainOptions = {
    ...common,
    env: 'CartPole-v1',
    algorithm: join(examples, 'reinforce.ts'),
    steps: 40_000,
    evalEvery: 10_000,
    checkpointEvery: 10_000,
  };
  const { evaluation, checkpoint, directory } = await train({ options, runsDirectory: temporaryFolder() });
  expect(evaluation?.meanReturn).toBeGreaterThan(150);
  const { maxDifference } = await exportPolicy(checkpoint as string, join(directory, 'policy.onnx'));
  expect(maxDifference).toBeLessThan(1e-5);
});

test('the one from scratch learns what it could not without its memory, and says that it has no model', async () => {
  const options: TrainOptions = {
    ...common,
    env: 'CartPoleMasked-v1',
    algorithm: join(examples, 'remembering.ts'),
    steps: 30_000,
    evalEvery: 10_000,
    checkpointEvery: 10_000,
  };
  const { evaluation, checkpoint, directory } = await train({ options, runsDirectory: temporaryFolder() });
  expect(evaluation?.meanReturn).toBeGreaterThan(150);
  await expect(exportPolicy(checkpoint as string, join(directory, 'policy.onnx'))).rejects.toThrow(
    'RememberingPolicy has no model that can be exported',
  );
});

test('an algorithm may be registered under a name, once', async () => {
  const { default: reinforce } = (await import('../../examples/reinforce.ts')) as {
    default: Parameters<typeof registerPolicy>[1];
  };
  registerPolicy('mine', reinforce);
  expect(() => registerPolicy('mine', reinforce)).toThrow('"mine" is registered already');
  const options = { ...EXAMPLES['reinforce.ts'], algorithm: 'mine', steps: 400, finalEpisodes: 0 };
  expect((await train({ options, runsDirectory: temporaryFolder() })).algorithm).toBe('mine');
});

test('a module that is none, exports none, or fails says which and what', async () => {
  const folder = temporaryFolder();
  const missing = join(folder, 'missing.ts');
  await expect(loadAlgorithm(missing)).rejects.toThrow(missing);
  const empty = join(folder, 'empty.mjs');
  writeFileSync(empty, 'export default { kind: "sometimes" };');
  await expect(loadAlgorithm(empty)).rejects.toThrow('has no algorithm as its default export. Export what buildPolicy');
  const broken = join(folder, 'broken.mjs');
  writeFileSync(broken, 'throw new Error("not today");');
  await expect(loadAlgorithm(broken)).rejects.toThrow(`Loading the policy ${broken} failed: not today`);
});
