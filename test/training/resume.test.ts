import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readMetrics, type TrainEvent, type TrainOptions, train } from '../../src/training/index.ts';
import { hooks } from './point-env.ts';
import { lastStateOf, metricsOf, SMALL, temporaryFolder } from './run-files.ts';

afterEach(() => {
  hooks.onStep = null;
});

type Watch = (event: TrainEvent) => void;

/** Trains and is interrupted; goes on and is interrupted again; in the end goes on to the end. */
async function trainInParts(
  options: TrainOptions,
  runsDirectory: string,
  interruptions: readonly ((abort: () => void) => Watch)[],
) {
  for (const [part, arrange] of interruptions.entries()) {
    const controller = new AbortController();
    const onEvent = arrange(() => controller.abort());
    const request = part === 0 ? { options } : { resume: true };
    const summary = await train({ ...request, runsDirectory, name: 'parts' }, { signal: controller.signal, onEvent });
    expect(summary.interrupted, `part ${part}`).toBe(true);
    hooks.onStep = null;
  }
  return train({ runsDirectory, name: 'parts', resume: true });
}

/** In the middle of an episode, that many steps after the start. */
const midEpisode =
  (count: number) =>
  (abort: () => void): Watch => {
    let steps = 0;
    hooks.onStep = () => {
      steps++;
      if (steps === count) abort();
    };
    return () => {};
  };

/** In the middle of the evaluation that is due at so many steps. */
const midEvaluation =
  (envSteps: number) =>
  (abort: () => void): Watch =>
  event => {
    // The next step after this episode is the evaluation's.
    if (event.kind === 'progress' && event.envSteps >= envSteps) hooks.onStep = abort;
    if (event.kind === 'evaluation' && event.envSteps >= envSteps)
      throw new Error('the evaluation was not interrupted');
  };

test('a run interrupted several times, mid-episode and mid-evaluation, equals an uninterrupted one bit for bit', async () => {
  const runsDirectory = temporaryFolder();
  const whole = await train({ options: SMALL, runsDirectory, name: 'whole' });
  const parts = await trainInParts(SMALL, runsDirectory, [
    midEpisode(37), // while actions are still random
    midEpisode(90), // just after learning began
    midEvaluation(200),
    midEpisode(330),
    midEvaluation(800),
  ]);
  expect(metricsOf(parts.directory)).toEqual(metricsOf(whole.directory));
  expect(lastStateOf(parts.directory)).toEqual(lastStateOf(whole.directory));
  expect(parts.evaluation).toEqual(whole.evaluation);
  expect(parts.updates).toBe(whole.updates);
});

test('so does one interrupted in the last episode of an evaluation, when there is nothing left of it to cut short', async () => {
  const runsDirectory = temporaryFolder();
  const options = { ...SMALL, steps: 300, evalEpisodes: 1 };
  const whole = await train({ options, runsDirectory, name: 'whole' });
  const stop =
    (abort: () => void): Watch =>
    event => {
      if (event.kind === 'progress' && event.envSteps >= 200) hooks.onStep = abort;
    };
  const parts = await trainInParts(options, runsDirectory, [stop]);
  expect(metricsOf(parts.directory)).toEqual(metricsOf(whole.directory));
});

test('the same holds for a Sawyer in the embedded simulator', async () => {
  const runsDirectory = temporaryFolder();
  const options = { ...SMALL, env: 'SawyerGrasp-v1', steps: 300, evalEvery: 150, evalEpisodes: 2, finalEpisodes: 2 };
  const whole = await train({ options, runsDirectory, name: 'whole' });
  const stop =
    (abort: () => void): Watch =>
    event => {
      if (event.kind === 'progress' && event.envSteps >= 130) abort();
    };
  const parts = await trainInParts(options, runsDirectory, [stop]);
  expect(metricsOf(parts.directory)).toEqual(metricsOf(whole.directory));
  expect(lastStateOf(parts.directory)).toEqual(lastStateOf(whole.directory));
});

test('a run that died without warning goes on from its last checkpoint, and nothing stands in its metrics twice', async () => {
  const runsDirectory = temporaryFolder();
  const whole = await train({ options: SMALL, runsDirectory, name: 'whole' });

  let steps = 0;
  hooks.onStep = () => {
    steps++;
    if (steps === 640) throw new Error('the power went out');
  };
  await expect(train({ options: SMALL, runsDirectory, name: 'parts' })).rejects.toThrow('the power went out');
  hooks.onStep = null;
  const directory = join(runsDirectory, 'parts');
  const before = readMetrics(join(directory, 'metrics.jsonl')).length;
  appendFileSync(join(directory, 'metrics.jsonl'), '{"type":"train","envSteps":9');

  const resumedAt: number[] = [];
  await train(
    { runsDirectory, name: 'parts', resume: true },
    { onEvent: event => event.kind === 'start' && resumedAt.push(event.resumedAt) },
  );
  expect(before).toBeGreaterThan(3);
  expect(resumedAt[0]).toBeGreaterThan(100);
  expect(metricsOf(directory)).toEqual(metricsOf(whole.directory));
  expect(lastStateOf(directory)).toEqual(lastStateOf(whole.directory));
});

test('a run stopped by its step limit goes on to a higher one as if it had been that from the start', async () => {
  const runsDirectory = temporaryFolder();
  const whole = await train({ options: { ...SMALL, finalEpisodes: 0 }, runsDirectory, name: 'whole' });
  const options = { ...SMALL, finalEpisodes: 0, steps: 430 };
  await train({ options, runsDirectory, name: 'parts' });
  const parts = await train({ options: { steps: 900 }, runsDirectory, name: 'parts', resume: true });
  expect(metricsOf(parts.directory)).toEqual(metricsOf(whole.directory));
  expect(lastStateOf(parts.directory)).toEqual(lastStateOf(whole.directory));
});

test('a different seed gives a different run', async () => {
  const runsDirectory = temporaryFolder();
  const one = await train({ options: { ...SMALL, steps: 200 }, runsDirectory, name: 'one' });
  const two = await train({ options: { ...SMALL, steps: 200, seed: 8 }, runsDirectory, name: 'two' });
  expect(metricsOf(two.directory)).not.toEqual(metricsOf(one.directory));
});

test('a complete run is not resumed without asking for more, and never with another seed', async () => {
  const runsDirectory = temporaryFolder();
  await train({ options: { ...SMALL, steps: 150, finalEpisodes: 0 }, runsDirectory, name: 'done' });
  const resume = { runsDirectory, name: 'done', resume: true };
  await expect(train(resume)).rejects.toThrow(/the run is complete, at 1\d\d environment steps.*--steps/s);
  await expect(train({ ...resume, options: { seed: 9 } })).rejects.toThrow(/keeps its seed: it is 7, not 9/);
});
