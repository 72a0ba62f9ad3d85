import { getEventListeners } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import type { Simulator } from '../../src/bridge/index.ts';
import { LiveViewer } from '../../src/viewer/index.ts';

async function start(announce: (text: string) => void = () => {}): Promise<LiveViewer> {
  const viewer = await LiveViewer.start({ title: 'a test', announce });
  onTestFinished(() => viewer.close());
  return viewer;
}

test('a scene that cannot be described is told, ends nothing, and is an error for whoever waits for a visit', async () => {
  const told: string[] = [];
  const viewer = await start(text => told.push(text));
  // All that is asked of it here.
  viewer.watch({
    describe: () => Promise.reject(new Error('the simulator is gone')),
    kinematics: { limits: { lower: [], upper: [] } },
  } as unknown as Simulator);
  await expect.poll(() => told, { timeout: 10_000 }).toContain('The scene cannot be shown: the simulator is gone');
  await expect(viewer.visited(0)).rejects.toThrow('the simulator is gone');
});

test('waiting for a visit ends with its signal, and leaves nothing on it', async () => {
  const viewer = await start();
  const { signal } = new AbortController();
  expect(await viewer.visited(1, signal)).toBe(false);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  const ended = new AbortController();
  const visit = viewer.visited(Number.POSITIVE_INFINITY, ended.signal);
  ended.abort();
  expect(await visit).toBe(false);
});
