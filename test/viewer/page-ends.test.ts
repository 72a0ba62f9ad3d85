import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEnv, Recording } from '../../src/demos/index.ts';
import type { Env } from '../../src/envs/index.ts';
import { temporaryFolder } from '../training/run-files.ts';
import { BROWSER, keepPicture, launch, openPage, soon, untilStatus } from './browser.ts';
import { stage } from './stage.ts';

interface KeyboardTarget {
  readonly KeyboardEvent: new (type: string, init: { readonly code: string }) => object;
  dispatchEvent(event: object): boolean;
}

/** Buttons and fields that ask the server for something, by whether they can be used. */
async function usable(page: Page): Promise<Record<string, boolean>> {
  const controls = await page.locator('#bar .server :is(button, select, input)').all();
  const entries = controls.map(async each => [await each.getAttribute('id'), await each.isEnabled()] as const);
  return Object.fromEntries(await Promise.all(entries));
}

describe.skipIf(BROWSER === null)('a page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it('moves the arm a step for a key pressed and released within one picture', async () => {
    const staged = await stage({ expert: false, envOptions: { maxEpisodeSteps: 300 } });
    const { page } = await openPage(browser, staged.url);
    await untilStatus(page, status => status.driver === 'person' && status.waiting);
    const before = staged.env.state.tip.position;
    // One turn of the page's event loop: no picture is drawn in between.
    await page.evaluate(() => {
      const page = globalThis as unknown as KeyboardTarget; // The browser's window, whose types tests do not load.
      for (const type of ['keydown', 'keyup']) page.dispatchEvent(new page.KeyboardEvent(type, { code: 'KeyE' }));
    });
    const moved = await untilStatus(page, status => status.step > 0 && status.waiting);
    expect(moved?.step).toBeGreaterThan(0);
    expect(staged.env.state.tip.position[2]).toBeGreaterThan(before[2]);
  });

  it('disables what nobody answers any more, and says that it has ended', async () => {
    const out = join(temporaryFolder(), 'hand.json');
    const staged = await stage({
      record: env => {
        const general = env as unknown as Env; // Only looked at, whatever its spaces are.
        const described = describeEnv(general, { id: 'SawyerGrasp-v1', options: {}, simulator: 'mujoco' });
        const policy = { name: 'person', noise: 0 };
        return new Recording(out, { ...described, policy, seed: 1, onlySuccessful: false });
      },
    });
    const { page } = await openPage(browser, staged.url);
    await untilStatus(page, status => status.step > 0);
    const before = await usable(page);
    expect(Object.keys(before)).toEqual(
      expect.arrayContaining(['pause', 'step', 'speed', 'restart', 'seed', 'take-over', 'record']),
    );
    expect(new Set(Object.values(before))).toEqual(new Set([true]));
    await staged.stop();
    await page.locator('#link[data-state=ended]').waitFor();
    expect(new Set(Object.values(await usable(page)))).toEqual(new Set([false]));
    expect(await page.locator('#message').textContent()).toMatch(/^Finished: \d+ of \d+ episodes successful\./);
    expect(await page.locator('.badge').textContent()).toMatch(/^(ended|success|failure)$/);
    // The picture can still be looked at, and kept.
    expect(await page.locator('#picture').isEnabled()).toBe(true);
    await keepPicture(page, 'ended');
  });

  it('disables them while the connection is lost, and enables them once it is back', async () => {
    const staged = await stage({});
    let broken = false;
    const { page } = await openPage(browser, staged.url, async prepared => {
      // A connection that breaks without a word, such as a forwarded port's.
      await prepared.routeWebSocket(/live/, route => {
        if (broken) return void route.close();
        const server = route.connectToServer();
        const watch = setInterval(() => {
          if (!broken) return;
          clearInterval(watch);
          void server.close();
          void route.close();
        }, 20);
      });
    });
    await untilStatus(page, status => status.step > 0);
    broken = true;
    await page.locator('#link[data-state=lost]').waitFor();
    expect(new Set(Object.values(await usable(page)))).toEqual(new Set([false]));
    expect(await page.locator('#message').textContent()).toContain('The connection to the server is lost');
    await keepPicture(page, 'lost');
    broken = false;
    await page.locator('#link[data-state=connected]').waitFor();
    await soon(async () => expect(await page.locator('#pause').isEnabled()).toBe(true));
    expect(await page.locator('#message').isVisible()).toBe(false);
  });
});
