import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  CheckpointStore,
  exportPolicy,
  readCheckpoint,
  readMetrics,
  type TrainEvent,
  TrainingDivergedError,
  testPolicy,
  train,
} from '../../src/training/index.ts';
import { hooks } from './point-env.ts';
import { SMALL, temporaryFolder } from './run-files.ts';

afterEach(() => {
  hooks.reward = null;
});

/** Learns the point task in a few seconds. */
const LEARNING = {
  ...SMALL,
  steps: 20_000,
  evalEvery: 400,
  evalEpisodes: 10,
  confirmEpisodes: 30,
  finalEpisodes: 50,
  updatesPerStep: 1,
  checkpointEvery: 10_000,
  bufferCapacity: 20_000,
  agentOptions: { actorHidden: [32, 32], criticHidden: [32, 32], batchSize: 32, gamma: 0.9 },
};

test('training learns, and ends when an evaluation that reached the goal is confirmed on other episodes', async () => {
  const events: TrainEvent[] = [];
  const summary = await train(
    { options: { ...LEARNING, untilSuccess: 0.95 }, runsDirectory: temporaryFolder() },
    { onEvent: event => events.push(event) },
  );
  expect(summary.goalReached).toBe(true);
  expect(summary.envSteps).toBeLessThan(20_000);
  expect(summary.evaluation?.episodes).toBe(50);
  expect(summary.evaluation?.successRate).toBeGreaterThan(0.8);
  const [periodic, confirmation] = events.filter(event => event.kind === 'evaluation').slice(-3);
  expect(periodic).toMatchObject({ purpose: 'periodic', episodes: 10 });
  expect(confirmation).toMatchObject({ purpose: 'confirmation', episodes: 30 });
  expect(confirmation?.successRate).toBeGreaterThanOrEqual(0.95);
  expect(periodic?.envSteps).toBe(summary.envSteps);

  // The same episodes, played by the policy read back from the checkpoint, and by the exported one.
  const tested = await testPolicy(summary.checkpoint as string, { episodes: 20, seed: 1 });
  expect(tested.successRate).toBeGreaterThan(0.7);
  const out = join(summary.directory, 'policy.onnx');
  const exported = await exportPolicy(summary.checkpoint as string, out, { batch: 3 });
  expect(existsSync(out)).toBe(true);
  expect(exported.checked).toBeGreaterThan(20);
});

test('a goal that one lucky evaluation reaches is not believed unless it is confirmed', async () => {
  // With this seed the only evaluated episode starts at the goal, where a policy that knows nothing succeeds too.
  const lucky = { ...SMALL, seed: 1711, untilSuccess: 1, evalEpisodes: 1, confirmEpisodes: 200, evalEvery: 60 };
  const summary = await train({ options: { ...lucky, steps: 150 }, runsDirectory: temporaryFolder() });
  const evaluations = readMetrics(join(summary.directory, 'metrics.jsonl')).filter(
    record => record.type === 'evaluation',
  );
  expect(evaluations.some(({ purpose, successRate }) => purpose === 'periodic' && successRate === 1)).toBe(true);
  expect(evaluations.some(({ purpose, successRate }) => purpose === 'confirmation' && successRate < 1)).toBe(true);
  expect(summary.goalReached).toBe(false);
});

test('a best checkpoint that is damaged at the end is a warning, and the last policy is evaluated', async () => {
  const runsDirectory = temporaryFolder();
  const store = new CheckpointStore(join(runsDirectory, 'damaged', 'checkpoints'));
  let damaged: string | null = null;
  const onEvent = (event: TrainEvent) => {
    if (event.kind !== 'progress' || event.envSteps < event.steps) return;
    damaged = store.best() as string;
    const bytes = readFileSync(damaged);
    bytes[bytes.length - 1] = 255 - (bytes.at(-1) as number);
    writeFileSync(damaged, bytes);
  };
  const summary = await train({ options: SMALL, runsDirectory, name: 'damaged' }, { onEvent });
  expect(summary.warnings).toEqual([expect.stringContaining('the present policy is evaluated instead')]);
  expect(summary.warnings[0]).toContain(damaged);
  expect(summary.evaluation?.episodes).toBe(SMALL.finalEpisodes);
  expect(summary.checkpoint).toBe(store.latest());
  expect(existsSync(damaged as unknown as string)).toBe(true);
});

test('without a goal, the best checkpoint is what the final evaluation is of', async () => {
  const summary = await train({ options: { ...SMALL, steps: 700 }, runsDirectory: temporaryFolder() });
  const store = new CheckpointStore(join(summary.directory, 'checkpoints'));
  expect(summary.checkpoint).toBe(store.best());
  const periodic = readMetrics(join(summary.directory, 'metrics.jsonl')).filter(
    record => record.type === 'evaluation' && record.purpose === 'periodic',
  );
  const best = readCheckpoint(summary.checkpoint as string).meta.evaluation;
  expect(best?.successRate).toBe(Math.max(...periodic.map(record => record.successRate)));
});

test('evaluation is no part of the training time', async () => {
  const runsDirectory = temporaryFolder();
  const options = { ...SMALL, steps: 300, finalEpisodes: 3000, evalEvery: 10_000 };
  const { trainSeconds, wallSeconds } = await train({ options, runsDirectory });
  expect(wallSeconds).toBeGreaterThan(trainSeconds * 1.2);
});

test('a loss that is not finite stops training, with what the batch held and the last good checkpoint', async () => {
  const runsDirectory = temporaryFolder();
  let steps = 0;
  // Its square is beyond float32.
  hooks.reward = reward => (++steps > 400 ? -1e30 : reward);
  const failure = await train({ options: SMALL, runsDirectory, name: 'mine' }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TrainingDivergedError);
  const { message } = failure as TrainingDivergedError;
  expect(message).toMatch(/Training stopped at environment step \d+, update \d+/);
  expect(message).toMatch(/rewards: min -[\d.]+e\+30, max .*, mean .*, 0 of 16 not finite/);
  const last = new CheckpointStore(join(runsDirectory, 'mine', 'checkpoints')).latest() as string;
  expect(message).toContain(`The last good checkpoint is ${last}.`);
  expect(readCheckpoint(last).meta.envSteps).toBeGreaterThan(100);
});

test('a reward that is not a number is not learned from', async () => {
  let steps = 0;
  hooks.reward = reward => (++steps > 50 ? Number.NaN : reward);
  await expect(train({ options: SMALL, runsDirectory: temporaryFolder() })).rejects.toThrow(
    'the reward of step() must be a finite number, not NaN. There is no checkpoint yet.',
  );
});

test('where no checkpoint can be written, the run says so and goes on', async () => {
  const runsDirectory = temporaryFolder();
  const warnings: string[] = [];
  const summary = await train(
    { options: { ...SMALL, steps: 320 }, runsDirectory, name: 'mine' },
    {
      onEvent: event => {
        // A folder that is not empty in the place of every file.
        for (let step = 0; event.kind === 'start' && step < 400; step++) {
          const name = `step-${String(step).padStart(9, '0')}.checkpoint`;
          mkdirSync(join(event.directory, 'checkpoints', name, 'in-the-way'), { recursive: true });
        }
        if (event.kind === 'warning') warnings.push(event.message);
      },
    },
  );
  expect(warnings.length).toBeGreaterThan(0);
  expect(warnings[0]).toContain('Training goes on');
  expect(summary.warnings).toEqual(warnings);
  expect(summary.checkpoint).toBeNull();
  expect(summary.missing).toEqual([
    expect.stringMatching(/^The checkpoint of step 3\d\d: .* There is no checkpoint yet\.$/),
  ]);
  expect(summary.evaluation?.episodes).toBe(10);
});

test('wrong options leave no folder behind', async () => {
  const runsDirectory = join(temporaryFolder(), 'runs');
  await expect(train({ options: { env: 'Point-v1' }, runsDirectory })).rejects.toThrow('Did you mean "Point-v0"?');
  await expect(train({ options: { ...SMALL, agentOptions: { gama: 1 } }, runsDirectory })).rejects.toThrow('"gamma"');
  expect(existsSync(runsDirectory)).toBe(false);
});

test('does not resume a run whose checkpoints were removed', async () => {
  const runsDirectory = temporaryFolder();
  const { directory } = await train({ options: { ...SMALL, steps: 30 }, runsDirectory, name: 'mine' });
  rmSync(join(directory, 'checkpoints'), { recursive: true });
  mkdirSync(join(directory, 'checkpoints'));
  await expect(train({ runsDirectory, name: 'mine', resume: true })).rejects.toThrow('its checkpoints are gone');
  expect(readdirSync(directory)).not.toContain('lock');
});
