import { type Browser, chromium } from 'playwright-core';
import { createExpert } from '../src/demos/index.ts';
import { type Box, type Env, makeEnv } from '../src/envs/index.ts';
import { LiveViewer, watchEpisodes } from '../src/viewer/index.ts';
import type { PageProbe } from '../src/viewer/probe.ts';
import { findBrowser, HEADLESS_ARGUMENTS } from '../src/viewer/video/find-browser.ts';

declare global {
  // What the page puts there for those who test it.
  var graspbridge: PageProbe;
  // What the script of `pageLoads` leaves behind: when the first picture was drawn, ms after the page was asked for.
  var firstPicture: number | undefined;
}

const VIEWPORT = { width: 1280, height: 800 };

/** What opening the page costs its user, ms after its address was asked for; one number for each time it was opened. */
export interface PageLoads {
  readonly browser: string;
  /** The document, its style and its script are there and have run. */
  readonly loaded: readonly number[];
  /** The first picture of the arm is drawn. */
  readonly firstPicture: readonly number[];
}

/** Opens the page of an episode under way in a browser without a cache, so many times. */
export async function pageLoads(rounds: number): Promise<PageLoads> {
  const controller = new AbortController();
  let opened: Env | null = null;
  let ready: (url: string) => void = () => {};
  const url = new Promise<string>(resolve => {
    ready = resolve;
  });
  const ended = watchEpisodes({
    title: 'bench',
    async open(around) {
      const env = await makeEnv('SawyerGrasp-v1', {}, { around });
      opened = env;
      const act = await createExpert(env);
      return { env: env as unknown as Env<Box, Box>, pilot: { act: async () => act() }, maxEpisodeSteps: 1000 }; // Its spaces are boxes.
    },
    ...{ episodes: null, speed: 1, patience: 0, assistedCounts: true },
    seeds: { next: () => ({ done: false, value: 1 }) },
    signal: controller.signal,
    announce: () => {},
    onReady: address => ready(address),
    onEpisode: () => {},
  });
  const browser = await launch();
  const [loaded, firstPicture]: [number[], number[]] = [[], []];
  try {
    const address = await url;
    for (let round = 0; round < rounds; round++) {
      const context = await browser.newContext({ viewport: VIEWPORT });
      const page = await context.newPage();
      await page.addInitScript(() => {
        // No function with a name: the loader would wrap it in a helper that the page does not have.
        const looking = setInterval(() => {
          if ((globalThis.graspbridge?.drawn() ?? 0) === 0) return;
          globalThis.firstPicture = performance.now();
          clearInterval(looking);
        }, 5);
      });
      await page.goto(address);
      // Asked from here: the page's own policy forbids what waiting in it would take.
      while (!(await page.evaluate(() => globalThis.firstPicture !== undefined))) await page.waitForTimeout(50);
      const times = await page.evaluate(() => {
        // Node's types do not know the browser's kinds of entries.
        const { getEntriesByType } = performance as unknown as {
          getEntriesByType(type: string): { duration: number }[];
        };
        const [navigation] = getEntriesByType.call(performance, 'navigation');
        return { loaded: navigation?.duration ?? Number.NaN, firstPicture: globalThis.firstPicture ?? Number.NaN };
      });
      loaded.push(times.loaded);
      firstPicture.push(times.firstPicture);
      await context.close();
    }
    return { browser: browser.version(), loaded, firstPicture };
  } finally {
    await browser.close();
    controller.abort();
    await ended;
    await (opened as Env | null)?.close(); // Assigned in a function that the compiler does not follow.
  }
}

/** A frame of panning and zooming through so many points of one curve, ms; from the fastest to the slowest. */
export async function chartFrames(points: number, frames = 120): Promise<readonly number[]> {
  const run = { name: 'long', env: 'SawyerGrasp-v1', algorithm: 'sac', seed: 1, finished: true };
  const viewer = await LiveViewer.start({
    title: 'bench',
    abilities: { training: true },
    greetings: () => [{ type: 'runs', runs: [run] }],
  });
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: VIEWPORT });
    await page.goto(viewer.url);
    await page.locator('#charts .runs label').waitFor();
    return await page.evaluate(
      async ([count, rounds]) => {
        const { training } = globalThis.graspbridge;
        const steps = Array.from({ length: count }, (_, i) => 2 * i);
        const values = steps.map((_, i) => Math.sin(i / 20_000) + ((i * 7919) % 1000) / 1000);
        training.add({ type: 'metrics', run: 'long', reset: true, series: { 'Return/training': { steps, values } } });
        // The page's own globals; this function runs there.
        const { requestAnimationFrame } = globalThis as unknown as { requestAnimationFrame(f: () => void): void };
        for (let i = 0; i < 10; i++) await new Promise<void>(done => requestAnimationFrame(done));
        const times: number[] = [];
        const all = 2 * count;
        for (let i = 0; i < rounds; i++) {
          const width = all * (0.1 + 0.9 * Math.abs(Math.cos(i / 10)));
          const began = performance.now();
          training.zoom([i * 1000, i * 1000 + width]);
          for (let k = 0; k < 2; k++) await new Promise<void>(done => requestAnimationFrame(done));
          times.push((performance.now() - began) / 2);
        }
        return times.sort((a, b) => a - b);
      },
      [points, frames] as const,
    );
  } finally {
    await browser.close();
    await viewer.close();
  }
}

async function launch(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === null) throw new Error('No Chromium is installed, which this measures with. Install one.');
  // Root has no sandbox.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...HEADLESS_ARGUMENTS.slice(1), ...sandbox] });
}
