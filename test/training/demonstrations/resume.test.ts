import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type TrainOptions, train } from '../../../src/training/index.ts';
import { hooks } from '../point-env.ts';
import { lastStateOf, metricsOf, SMALL, temporaryFolder } from '../run-files.ts';
import { recordPoint } from './point-demos.ts';

afterEach(() => {
  hooks.onStep = null;
});

const SHORT: TrainOptions = { ...SMALL, steps: 300, checkpointEvery: 120, evalEvery: 100, finalEpisodes: 2 };

/** Trains, is interrupted in the middle of an episode, and goes on to the end. */
async function trainInParts(options: TrainOptions, runsDirectory: string, atStep: number) {
  const controller = new AbortController();
  let steps = 0;
  hooks.onStep = () => {
    if (++steps === atStep) controller.abort();
  };
  const first = await train({ options, runsDirectory, name: 'parts' }, { signal: controller.signal });
  expect(first.interrupted).toBe(true);
  hooks.onStep = null;
  return train({ runsDirectory, name: 'parts', resume: true });
}

test.each<[string, TrainOptions]>([
  ['mix', {}],
  ['preload', { demoMode: 'preload', randomSteps: 0 }],
  ['original', { demoMode: 'original' }],
  ['mix, pretrained, with starts in demonstrated states', { pretrain: 20, demoResets: 0.5, randomSteps: 0 }],
])('with demonstrations (%s) a run that was interrupted equals one that was not, bit for bit', async (_, more) => {
  const runsDirectory = temporaryFolder();
  const options = { ...SHORT, ...more, demos: [await recordPoint(join(runsDirectory, 'point.json'))] };
  const whole = await train({ options, runsDirectory, name: 'whole' });
  const parts = await trainInParts(options, runsDirectory, 190);
  expect(metricsOf(parts.directory)).toEqual(metricsOf(whole.directory));
  expect(lastStateOf(parts.directory)).toEqual(lastStateOf(whole.directory));
});

test('what is learned with demonstrations is not what is learned without them', async () => {
  const runsDirectory = temporaryFolder();
  const options = { ...SHORT, steps: 150, finalEpisodes: 0 };
  const demos = [await recordPoint(join(runsDirectory, 'point.json'))];
  const withThem = await train({ options: { ...options, demos }, runsDirectory, name: 'with' });
  const without = await train({ options, runsDirectory, name: 'without' });
  expect(metricsOf(withThem.directory)).not.toEqual(metricsOf(without.directory));
});
