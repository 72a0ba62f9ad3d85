import { expect, onTestFinished, test } from 'vitest';
import { Pace } from '../../src/viewer/episodes/pace.ts';

/** How long it takes, ms. */
async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const steps = async (pace: Pace, count: number) => {
  for (let step = 0; step < count; step++) await pace.pass(0.05);
};

test('time passes as on a clock, however often someone says something', async () => {
  const pace = new Pace();
  const messages = setInterval(() => pace.wake(), 5);
  onTestFinished(() => clearInterval(messages));
  expect(await timed(() => steps(pace, 10))).toBeGreaterThan(499);
});

test('after a halt the arm does not rush', async () => {
  const pace = new Pace();
  await steps(pace, 1);
  await new Promise(done => setTimeout(done, 400));
  expect(await timed(() => steps(pace, 4))).toBeGreaterThan(199);
});

test.each([
  ['another speed', (pace: Pace) => pace.setSpeed(1)],
  ['whoever skips it', (pace: Pace) => pace.skip()],
])('%s ends the time that is passing', async (_, interrupt) => {
  const pace = new Pace();
  // The longest step a page may ask for: an hour of it.
  pace.setSpeed(0.01);
  const passing = pace.pass(36);
  interrupt(pace);
  await passing;
});
