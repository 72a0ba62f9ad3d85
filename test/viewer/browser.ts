import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { vi } from 'vitest';
import type { SawyerEnv } from '../../src/envs/index.ts';
import type { PageProbe } from '../../src/viewer/probe.ts';
import type { EpisodeStatus } from '../../src/viewer/protocol.ts';
import { findBrowser, HEADLESS_ARGUMENTS } from '../../src/viewer/video/find-browser.ts';

declare global {
  // What the page puts there for tests.
  var graspbridge: PageProbe;
}

/** The installed Chromium; the tests that need one say aloud that they are skipped where it is null. */
export const BROWSER = findBrowser();
if (BROWSER === null)
  console.warn('No Chromium is installed: the tests of the page are SKIPPED. Try apt install chromium.');

/** Starts the real browser, without a window. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: BROWSER ?? '',
    // Root, which continuous integration often is, has no sandbox.
    args: [...HEADLESS_ARGUMENTS.slice(1), ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
}

/** Longest wait for anything on a page, ms: a busy machine draws a few pictures a second. */
const PATIENCE = 60_000;

/** Opens an address, on a page that was prepared, and collects what goes wrong on the page and what it asks the network for. */
export async function openPage(
  browser: Browser,
  url: string,
  prepare: (page: Page) => Promise<unknown> = async () => {},
): Promise<{ page: Page; errors: string[]; asked: string[] }> {
  const page = await browser.newPage({ viewport: { width: 720, height: 480 } });
  page.setDefaultTimeout(PATIENCE);
  const errors: string[] = [];
  const asked: string[] = [];
  page.on('pageerror', error => errors.push(error.message));
  page.on('console', message => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('request', request => asked.push(request.url()));
  page.on('websocket', socket => asked.push(socket.url()));
  await prepare(page);
  await page.goto(url);
  return { page, errors, asked };
}

/** Waits until something on the page is as wanted; asked from here, since the page's own policy forbids to evaluate texts. */
export async function eventually<T>(page: Page, read: () => T | Promise<T>, wanted: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    // As a function, which the debugger runs, and not as a text, which the page would have to.
    const value = (await page.evaluate(read)) as T; // What `read` returns, as JSON.
    if (wanted(value)) return value;
    if (performance.now() > deadline) throw new Error(`Waited in vain; last seen: ${JSON.stringify(value)}`);
    await page.waitForTimeout(40);
  }
}

/** Waits until a check passes, as long as a busy machine may take. */
export function soon(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { timeout: 60_000, interval: 50 });
}

/** Waits until the status of the episode is as wanted. */
export function untilStatus(page: Page, wanted: (status: EpisodeStatus) => boolean): Promise<EpisodeStatus | null> {
  return eventually(
    page,
    () => globalThis.graspbridge?.status() ?? null,
    status => status !== null && wanted(status),
  );
}

/** Waits until bodies are shown where the simulator has them; poses travel as 32-bit floats, and pictures lag behind. */
export function untilShown(page: Page, env: SawyerEnv): Promise<unknown> {
  const near = (shown: number[] | null, position: readonly number[]) =>
    shown?.every((value, axis) => Math.abs(value - (position[axis] as number)) < 5e-6) === true;
  return eventually(
    page,
    () => ({ target: globalThis.graspbridge.position('target'), hand: globalThis.graspbridge.position('hand') }),
    ({ target, hand }) => near(target, env.state.target.position) && near(hand, env.state.tip.position),
  );
}

/** Where some of the cameras stand and what they look at, m: the page's own presets. */
const CAMERAS = {
  overview: { from: [1.75, 1.95, 1.75], to: [0.1, 0, 0.98] },
  front: { from: [2.5, 0, 1.45], to: [0.1, 0, 1.0] },
} as const;

/** Sends the camera to a place, and waits until it is there: a millimetre before it, its flight ends. */
export async function lookFrom(page: Page, camera: keyof typeof CAMERAS): Promise<void> {
  await page.click(`#camera-${camera}`);
  const { from, to } = CAMERAS[camera];
  const off = (a: readonly number[], b: readonly number[]) =>
    Math.hypot(...a.map((value, i) => value - (b[i] as number)));
  await eventually(
    page,
    () => globalThis.graspbridge.camera(),
    ({ position, target }) => off(position, from) < 1e-3 && off(target, to) < 1e-3,
  );
}

/** Keeps a picture of the page as an artefact. */
export async function keepPicture(page: Page, name: string): Promise<Buffer> {
  const folder = resolve('coverage', 'viewer');
  mkdirSync(folder, { recursive: true });
  return page.screenshot({ path: join(folder, `${name}.png`) });
}
