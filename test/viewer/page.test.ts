import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BROWSER, eventually, keepPicture, launch, lookFrom, openPage, untilShown, untilStatus } from './browser.ts';
import { type Staged, stage } from './stage.ts';

function minus(a: readonly number[] | null, b: readonly number[] | null): number[] {
  return (a ?? []).map((value, i) => value - (b?.[i] as number));
}

/** A world point in the picture of a pinhole camera: an implementation of its own, to check the page's against. */
function projected(
  point: readonly number[],
  { position, target, fieldOfView }: { position: number[]; target: number[]; fieldOfView: number },
  width: number,
  height: number,
): { x: number; y: number } {
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  const cross = ([a = 0, b = 0, c = 0]: readonly number[], [d = 0, e = 0, f = 0]: readonly number[]) => [
    b * f - c * e,
    c * d - a * f,
    a * e - b * d,
  ];
  const unit = (a: readonly number[]) => a.map(value => value / Math.hypot(...a));
  const ahead = unit(minus(target, position));
  const right = unit(cross(ahead, [0, 0, 1]));
  const up = cross(right, ahead);
  const seen = minus(point, position);
  const scale = height / 2 / Math.tan((fieldOfView * Math.PI) / 360) / dot(seen, ahead);
  return { x: width / 2 + dot(seen, right) * scale, y: height / 2 - dot(seen, up) * scale };
}

describe.skipIf(BROWSER === null)('the page, in a real browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  async function watch(
    options: Parameters<typeof stage>[0] = {},
  ): Promise<Staged & Awaited<ReturnType<typeof openPage>>> {
    const staged = await stage(options);
    return { ...staged, ...(await openPage(browser, staged.url)) };
  }

  it('shows the scene, asks nobody but its own server, and keeps the token out of the address', async () => {
    const { page, errors, asked, url, stop } = await watch();
    const began = performance.now();
    await eventually(
      page,
      () => globalThis.graspbridge?.drawn() ?? 0,
      drawn => drawn > 0,
    );
    console.log(`first picture ${(performance.now() - began).toFixed(0)} ms after the page was there`);
    await untilStatus(page, s => s.step > 0);
    expect(page.url()).toBe(new URL('/', url).href);
    expect(asked.length).toBeGreaterThan(2);
    for (const address of asked) expect(new URL(address).host).toBe(new URL(url).host);
    await keepPicture(page, 'episode');
    expect(errors).toEqual([]);
    await stop();
    await page.locator('#link[data-state=ended]').waitFor();
    await page.close();
  });

  it('puts block and gripper where the simulator says, and the block is blue there', async () => {
    const { page, env } = await watch();
    await untilStatus(page, s => s.step > 2);
    await page.click('#pause');
    await untilStatus(page, s => s.paused);
    // From the start of an episode, however far a busy machine let it go: the hand is high, and hides nothing.
    await page.fill('#seed', '2');
    await page.press('#seed', 'Enter');
    await untilStatus(page, s => s.seed === 2 && s.step === 0);
    for (const step of [1, 2]) {
      await page.click('#step');
      await untilStatus(page, s => s.step === step);
    }
    await lookFrom(page, 'overview');
    await untilShown(page, env);
    const { target, tip } = env.state;
    const camera = await page.evaluate(() => globalThis.graspbridge.camera());
    for (const { position } of [target, tip]) {
      const pixel = await page.evaluate(point => globalThis.graspbridge.project([...point]), position);
      const expected = projected(position, camera, 720, 480);
      expect(Math.hypot(pixel.x - expected.x, pixel.y - expected.y)).toBeLessThan(0.5);
    }
    // The block's own colour is blue above all in scenes/sawyer-grasp.xml; nothing else in the scene is.
    await page.uncheck('#show-contacts');
    // In one go, so that every picture counted from now on is drawn after it.
    const drawn = await page.evaluate<number>(`(() => {
      document.getElementById('show-trails').click();
      return globalThis.graspbridge.drawn();
    })()`);
    await eventually(
      page,
      () => globalThis.graspbridge.drawn(),
      now => now > drawn,
    );
    const top = [target.position[0], target.position[1], target.position[2] + 0.024] as const;
    const { x, y } = projected(top, camera, 720, 480);
    // Read from the canvas itself: what lies over it does not count.
    const [red = 0, green = 0, blue = 0] = await page.evaluate<number[]>(`(() => {
      const canvas = document.getElementById('scene');
      const gl = canvas.getContext('webgl2');
      const pixel = new Uint8Array(4);
      const scale = canvas.width / canvas.clientWidth;
      gl.readPixels(${x} * scale, canvas.height - ${y} * scale, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
      return [...pixel];
    })()`);
    await keepPicture(page, 'block');
    expect(blue).toBeGreaterThan(1.3 * red);
    expect(blue).toBeGreaterThan(1.1 * green);
    await page.close();
  });

  it('moves the arm, pauses it, steps it once, and plays the episode of a seed again', async () => {
    const { page } = await watch();
    await eventually(
      page,
      () => globalThis.graspbridge?.drawn() ?? 0,
      drawn => drawn > 1,
    );
    await untilStatus(page, s => s.step > 0);
    const before = await page.evaluate(() => globalThis.graspbridge.position('hand'));
    await eventually(
      page,
      () => globalThis.graspbridge.position('hand'),
      hand => Math.hypot(...minus(hand, before)) > 0.02,
    );
    await page.click('#pause');
    await untilStatus(page, s => s.paused);
    // The step under way is still finished; in 0.8 s there would be sixteen.
    const paused = await page.evaluate(() => globalThis.graspbridge.status()?.step ?? 0);
    await page.waitForTimeout(800);
    expect(await page.evaluate(() => globalThis.graspbridge.status()?.step)).toBeLessThanOrEqual(paused + 1);
    await page.fill('#seed', '12345');
    await page.press('#seed', 'Enter');
    await untilStatus(page, s => s.seed === 12345 && s.step === 0);
    const joints: (readonly number[] | undefined)[] = [];
    for (const round of [1, 2]) {
      for (const step of [1, 2, 3]) {
        await page.click('#step');
        await untilStatus(page, s => s.step === step);
      }
      joints.push(await page.evaluate(() => globalThis.graspbridge.status()?.joints));
      if (round === 1) await page.click('#restart');
      if (round === 1) await untilStatus(page, s => s.step === 0);
    }
    expect(joints[0]).toHaveLength(7);
    expect(joints[1]).toEqual(joints[0]);
    await page.close();
  });

  it('lets a person take over with the keyboard; time stands still until they move', async () => {
    // Slowly: the episode is not nearly over when the key is heard, however busy the machine is.
    const { page, env } = await watch({ speed: 0.2 });
    await eventually(
      page,
      () => globalThis.graspbridge?.drawn() ?? 0,
      drawn => drawn > 1,
    );
    await untilStatus(page, s => s.step > 0 && !s.over);
    await page.keyboard.press('t');
    const { step } = (await untilStatus(page, s => s.driver === 'person' && s.waiting)) ?? { step: -1 };
    // The simulator's own word: a picture may lag behind.
    const before = env.state.tip.position[2];
    await page.waitForTimeout(500);
    expect(await page.evaluate(() => globalThis.graspbridge.status()?.step)).toBe(step);
    await page.keyboard.down('e');
    await untilStatus(page, s => s.step >= step + 5 || s.over);
    await page.keyboard.up('e');
    await untilStatus(page, s => s.waiting);
    // Up, at 0.25 m/s: five control periods of 0.05 s are 6 cm.
    expect(env.state.tip.position[2] - before).toBeGreaterThan(0.03);
    await keepPicture(page, 'teleoperation');
    await page.keyboard.press('t');
    await untilStatus(page, s => s.driver === 'policy');
    await page.close();
  });
});
