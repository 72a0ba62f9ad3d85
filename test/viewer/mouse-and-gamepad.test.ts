import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BROWSER, eventually, keepPicture, launch, lookFrom, openPage, untilShown, untilStatus } from './browser.ts';
import { stage } from './stage.ts';

declare global {
  // The gamepad that the tests hold, as the W3C's standard layout has it: four axes, and the buttons held down.
  var pad: { axes: number[]; down: number[] };
}

describe.skipIf(BROWSER === null)('mouse and gamepad, in a real browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  /** A person's episode, its first picture drawn. */
  async function sit() {
    // The fixed block is not in the way.
    const staged = await stage({ expert: false, envOptions: { target: 'fixed', maxEpisodeSteps: 300 } });
    const { page, errors } = await openPage(browser, staged.url);
    await eventually(
      page,
      () => globalThis.graspbridge?.drawn() ?? 0,
      drawn => drawn > 0,
    );
    await untilStatus(page, s => s.driver === 'person' && s.waiting);
    return { ...staged, page, errors };
  }

  const handOf = (page: Page) =>
    page.evaluate(() => {
      const hand = globalThis.graspbridge.position('hand') ?? [0, 0, 0];
      return { hand, pixel: globalThis.graspbridge.project(hand) };
    });

  it('drags the tip to where the mouse points, and leaves it there', async () => {
    const { page, errors, env } = await sit();
    await lookFrom(page, 'front');
    await untilShown(page, env);
    const box = await page.locator('#scene').boundingBox();
    if (box === null) throw new Error('The scene has no place on the page.');
    const { hand, pixel } = await handOf(page);
    const camera = await page.evaluate(() => globalThis.graspbridge.camera());
    await page.mouse.move(box.x + pixel.x, box.y + pixel.y);
    await page.mouse.down();
    await page.mouse.move(box.x + pixel.x, box.y + pixel.y - 40, { steps: 4 });
    const goal = { x: pixel.x, y: pixel.y - 40 };
    // A pixel is about 4 mm here; the velocity servo settles within less than that.
    await eventually(
      page,
      () => globalThis.graspbridge.project(globalThis.graspbridge.position('hand') ?? [0, 0, 0]),
      now => Math.hypot(now.x - goal.x, now.y - goal.y) < 3,
    );
    await keepPicture(page, 'drag');
    await page.mouse.up();
    await untilStatus(page, s => s.waiting);
    await untilShown(page, env);
    const after = await handOf(page);
    expect((after.hand[2] as number) - (hand[2] as number)).toBeGreaterThan(0.03);
    expect(Math.hypot(after.pixel.x - goal.x, after.pixel.y - goal.y)).toBeLessThan(6);
    // The press was the handle's, not the camera's, which turned by 1e-15 at most.
    const { position, target } = await page.evaluate(() => globalThis.graspbridge.camera());
    for (const axis of [0, 1, 2]) {
      expect(position[axis]).toBeCloseTo(camera.position[axis] as number, 9);
      expect(target[axis]).toBeCloseTo(camera.target[axis] as number, 9);
    }
    expect(errors).toEqual([]);
    await page.close();
  });

  it('leads the arm with the sticks of a gamepad, turns it with its shoulder buttons, and hands back with start', async () => {
    // Slowly: a busy machine's page, which lets go late, leads the arm a few steps further, and not half around.
    const staged = await stage({ speed: 0.4, envOptions: { target: 'fixed', maxEpisodeSteps: 300 } });
    // No machine that runs tests has a gamepad: this one answers as a browser's own would, whose globals Node does not type.
    const { page } = await openPage(browser, staged.url, prepared =>
      prepared.addInitScript(() => {
        globalThis.pad = { axes: [0, 0, 0, 0], down: [] };
        Object.defineProperty((globalThis as unknown as { navigator: object }).navigator, 'getGamepads', {
          value: () => [
            null,
            {
              axes: globalThis.pad.axes,
              buttons: Array.from({ length: 16 }, (_, i) => ({ pressed: globalThis.pad.down.includes(i), value: 0 })),
            },
          ],
        });
      }),
    );
    await eventually(
      page,
      () => globalThis.graspbridge?.drawn() ?? 0,
      drawn => drawn > 0,
    );
    const hold = (axes: number[], down: number[]) =>
      page.evaluate(
        ([sticks, buttons]) => {
          globalThis.pad = { axes: sticks, down: buttons };
        },
        [axes, down] as const,
      );
    await untilStatus(page, s => s.step > 0 && !s.over);
    await hold([0, 0, 0, 0], [9]);
    await untilStatus(page, s => s.driver === 'person' && s.waiting);
    await hold([0.05, -0.05, 0, 0.05], []);
    const { tip } = staged.env.state;
    const step = (await page.evaluate(() => globalThis.graspbridge.status()?.step)) ?? 0;
    // Sticks that do not rest exactly in the middle lead nowhere.
    await page.waitForTimeout(400);
    expect(await page.evaluate(() => globalThis.graspbridge.status()?.step)).toBe(step);
    // The right stick pushed ahead: up, at 0.25 m/s, five control periods of 0.05 s.
    await hold([0, 0, 0, -1], []);
    await untilStatus(page, s => s.step >= step + 5);
    await hold([0, 0, 0, 0], []);
    await untilStatus(page, s => s.waiting);
    const raised = staged.env.state.tip;
    const rise = raised.position[2] - tip.position[2];
    expect(rise).toBeGreaterThan(0.03);
    const aside = Math.hypot(raised.position[0] - tip.position[0], raised.position[1] - tip.position[1]);
    expect(aside).toBeLessThan(0.4 * rise);
    // The left stick pushed to the left: y grows.
    const across = (await page.evaluate(() => globalThis.graspbridge.status()?.step)) ?? 0;
    await hold([-1, 0, 0, 0], []);
    await untilStatus(page, s => s.step >= across + 5);
    await hold([0, 0, 0, 0], []);
    await untilStatus(page, s => s.waiting);
    expect(staged.env.state.tip.position[1] - raised.position[1]).toBeGreaterThan(0.03);
    const heading = () => {
      const [x, y, z, w] = staged.env.state.tip.orientation;
      return Math.atan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z));
    };
    const before = heading();
    const turning = (await page.evaluate(() => globalThis.graspbridge.status()?.step)) ?? 0;
    await hold([0, 0, 0, 0], [4]);
    await untilStatus(page, s => s.step >= turning + 5);
    await hold([0, 0, 0, 0], []);
    await untilStatus(page, s => s.waiting);
    expect(Math.abs(Math.sin(heading() - before))).toBeGreaterThan(0.1);
    await hold([0, 0, 0, 0], [9]);
    await untilStatus(page, s => s.driver === 'policy');
    await page.close();
  });
});
