import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LiveViewer } from '../../src/viewer/index.ts';
import type { ClientMessage, EpisodeStatus } from '../../src/viewer/protocol.ts';
import { BROWSER, launch, openPage, soon, untilStatus } from './browser.ts';

const STATUS: EpisodeStatus = {
  ...{ type: 'episode', number: 1, total: null, seed: 1, step: 3, reward: 0, return: 0, success: false, over: false },
  ...{ finished: 0, successes: 0, action: [0.1, 0.2, 0.3, 0.4], joints: [0, 0, 0, 0, 0, 0, 0], opening: 0.08 },
  ...{ value: null, deviation: null, driver: 'policy', waiting: false, paused: false, speed: 3 },
  recording: { on: true, steps: 3, driven: 0, saved: 0, undecided: true },
};

describe.skipIf(BROWSER === null)("the page's controls, in a real browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  async function watch() {
    const said: ClientMessage[] = [];
    const viewer = await LiveViewer.start({
      title: 'a test',
      abilities: { playback: true, teleoperation: true, recording: true },
      greetings: () => [STATUS],
      onMessage: message => said.push(message),
    });
    onTestFinished(() => viewer.close());
    viewer.rename({ scene: { bodies: [] }, handingBack: true });
    const { page } = await openPage(browser, viewer.url);
    onTestFinished(() => page.close());
    await untilStatus(page, status => status.speed === 3);
    return { viewer, said, page };
  }

  it('are pressed by Enter and Space where they have the focus', async () => {
    const { page, said } = await watch();
    for (const [button, key, message] of [
      ['#restart', 'Enter', { type: 'restart' }],
      ['#step', ' ', { type: 'step' }],
      ['#take-over', 'Enter', { type: 'take_over', active: true }],
    ] as const) {
      await page.focus(button);
      await page.keyboard.press(key);
      await soon(() => expect(said).toEqual([message]));
      said.length = 0;
    }
    await page.focus('#show-colliders');
    await page.keyboard.press(' ');
    expect(await page.isChecked('#show-colliders')).toBe(true);
    await page.keyboard.press('r');
    await soon(() => expect(said).toEqual([{ type: 'restart' }]));
  });

  it('give the keys back once they were clicked', async () => {
    const { page, said } = await watch();
    await page.click('#show-trails');
    await page.keyboard.press(' ');
    await soon(() => expect(said).toEqual([{ type: 'pause', paused: true }]));
    expect(await page.isChecked('#show-trails')).toBe(false);
    await page.click('#restart');
    await page.keyboard.press('Enter');
    await soon(() => expect(said.slice(1)).toEqual([{ type: 'restart' }, { type: 'record', action: 'save' }]));
    said.length = 0;
    // As a click on the list does; what it opens is no part of the page.
    await page.locator('#speed').dispatchEvent('pointerdown');
    await page.focus('#speed');
    await page.selectOption('#speed', '4');
    await page.keyboard.press(' ');
    await soon(() =>
      expect(said).toEqual([
        { type: 'speed', speed: 4 },
        { type: 'pause', paused: true },
      ]),
    );
  });

  it('show a speed that is not in their list', async () => {
    const { page } = await watch();
    expect(await page.inputValue('#speed')).toBe('3');
    expect(await page.locator('#speed option').allTextContents()).toEqual(
      [0.1, 0.25, 0.5, 1, 2, 3, 4, 10].map(speed => `${speed} ×`),
    );
  });

  it.each([
    [360, 640],
    [720, 480],
    [1280, 720],
  ])(
    'leave the middle of a window of %i × %i to the picture, and hide nothing of each other',
    async (width, height) => {
      const { viewer, page } = await watch();
      await page.setViewportSize({ width, height });
      await page.goto(viewer.url);
      await untilStatus(page, status => status.speed === 3);
      const box = async (part: string) => {
        const found = await page.locator(part).boundingBox();
        if (found === null) throw new Error(`${part} is not seen.`);
        const { x, y } = found;
        return { left: x, top: y, right: x + found.width, bottom: y + found.height };
      };
      const [header, status, bar] = [await box('#top'), await box('#status'), await box('#bar')];
      for (const { left, top, right, bottom } of [header, status, bar]) {
        expect(left).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(width);
        expect(bottom).toBeLessThanOrEqual(height);
        expect(left < width / 2 && right > width / 2 && top < height / 2 && bottom > height / 2).toBe(false);
      }
      expect(status.top).toBeGreaterThanOrEqual(header.bottom);
      expect(bar.top).toBeGreaterThanOrEqual(status.bottom);
    },
  );
});
