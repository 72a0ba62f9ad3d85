import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LiveViewer } from '../../src/viewer/index.ts';
import { MAX_RUNS } from '../../src/viewer/protocol.ts';
import { BROWSER, eventually, keepPicture, launch, openPage } from './browser.ts';

const RUN = { name: 'long', env: 'SawyerGrasp-v1', algorithm: 'sac', seed: 1, finished: true };

describe.skipIf(BROWSER === null)('the charts, in a real browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it('draw 500,000 points, and zoom and pan through them', async () => {
    const viewer = await LiveViewer.start({
      title: 'runs',
      abilities: { training: true },
      greetings: () => [{ type: 'runs', runs: [RUN] }],
    });
    onTestFinished(() => viewer.close());
    const { page, errors } = await openPage(browser, viewer.url);
    await page.locator('#charts .runs label').waitFor();
    await page.evaluate(() => {
      const steps = Array.from({ length: 500_000 }, (_, i) => 2 * i);
      // One spike among half a million: it must not be lost.
      const values = steps.map((_, i) => (i === 123_456 ? 50 : Math.sin(i / 20_000) + ((i * 7919) % 1000) / 1000));
      globalThis.graspbridge.training.add({
        type: 'metrics',
        run: 'long',
        reset: true,
        series: { 'Return/training': { steps, values } },
      });
    });
    await page.locator('#charts .panel canvas').waitFor();
    await eventually(
      page,
      () => globalThis.graspbridge.training.shown(),
      ([, high]) => high === 999_998,
    );
    await keepPicture(page, 'charts');
    const measured = await page.evaluate(async () => {
      const { training } = globalThis.graspbridge;
      const frame = () =>
        new Promise(done =>
          (globalThis as unknown as { requestAnimationFrame(f: unknown): void }).requestAnimationFrame(done),
        );
      const times: number[] = [];
      for (let i = 0; i < 60; i++) {
        const width = 999_998 * (0.1 + 0.9 * Math.abs(Math.cos(i / 10)));
        const began = performance.now();
        training.zoom([i * 1000, i * 1000 + width]);
        await frame();
        await frame();
        times.push((performance.now() - began) / 2);
      }
      training.zoom(null);
      return times.sort((a, b) => a - b);
    });
    const median = measured[30] as number;
    console.log(
      `a frame of panning and zooming 500,000 points: median ${median.toFixed(1)} ms, 9th decile ${(measured[54] as number).toFixed(1)} ms`,
    );
    // Thirty a second on a quiet machine, as bench/viewer.ts says; this bound only tells a broken one.
    expect(median).toBeLessThan(1000);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('ask for no more runs at once than a page may follow', async () => {
    let asked: readonly string[] = [];
    const runs = Array.from({ length: MAX_RUNS + 5 }, (_, i) => ({ ...RUN, name: `run-${i}` }));
    const viewer = await LiveViewer.start({
      title: 'runs',
      abilities: { training: true },
      greetings: () => [{ type: 'runs', runs }],
      onMessage: message => {
        if (message.type === 'select') asked = message.runs;
      },
    });
    onTestFinished(() => viewer.close());
    const { page, errors } = await openPage(browser, viewer.url);
    const boxes = page.locator('#charts .runs input');
    await boxes.first().waitFor();
    await boxes.evaluateAll(all => {
      for (const box of all as unknown as { checked: boolean; click(): void }[]) if (!box.checked) box.click();
    });
    await expect.poll(() => asked.length, { timeout: 60_000 }).toBe(MAX_RUNS);
    expect(await page.locator('#charts .runs input:checked').count()).toBe(MAX_RUNS);
    expect(viewer.clients).toBe(1);
    expect(errors).toEqual([]);
    await page.close();
  });
});
