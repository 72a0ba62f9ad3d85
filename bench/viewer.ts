/**
 * What watching costs: a training, its viewers, and whoever opens the page.
 *
 *     npx tsx bench/viewer.ts [page|charts|cost ...] [--rounds 20] [--viewers 10] [--points 500000]
 *
 *   page    opening it in headless Chromium without a cache: until it has loaded, until the arm is drawn
 *   charts  frames a second of panning and zooming through so many points
 *   cost    a training during which one viewer comes and goes, and one with so many, one of which does not read: its
 *           steps a second while they are there are compared with those just before and after, so that a machine that
 *           gets slower or faster does not count
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RunFeed, type TrainEvent, train } from '../src/training/index.ts';
import { LiveViewer, RunWatcher } from '../src/viewer/index.ts';
import type { ClientsOrder } from './viewer-clients.ts';
import { chartFrames, pageLoads } from './viewer-page.ts';

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    viewers: { type: 'string', default: '10' },
    points: { type: 'string', default: '500000' },
  },
  allowPositionals: true,
});
const chosen = positionals.length === 0 ? ['page', 'charts', 'cost'] : positionals;
const [rounds, many] = [Number(values.rounds), Number(values.viewers)];
const runsDirectory = mkdtempSync(join(tmpdir(), 'graspbridge-bench-'));

/** Environment steps between two changes; those right after one are not counted: connecting takes a moment. */
const [BLOCK, SETTLING] = [1_500, 500];

interface Cost {
  /** Steps a second with viewers, as a share of those in the blocks before and after, without any. */
  readonly ratios: readonly number[];
  /** Pose frames that a viewer that reads got a second. */
  readonly framesPerSecond: number;
}

/** One training during which so many viewers come and go, block by block. */
async function watched(viewers: number): Promise<Cost> {
  const watcher = new RunWatcher(new RunFeed([runsDirectory]));
  const viewer = await LiveViewer.start({
    title: 'bench',
    abilities: { training: true },
    // As `train --gui` has them.
    ...{ rate: 30, mostPoses: 90 },
    greetings: () => [watcher.greeting()],
    onMessage: (message, client) => watcher.handle(message, client),
    onLeave: client => watcher.leave(client),
  });
  watcher.attach(viewer);
  const clients = fork(join(import.meta.dirname, 'viewer-clients.ts'), { execArgv: ['--import', 'tsx'] });
  const ask = (order: ClientsOrder) => clients.send(order);
  let frames = 0;
  clients.on('message', (answer: { frames: number }) => {
    frames += answer.frames;
  });
  const name = `run-${viewers}`;
  const url = viewer.url.replace('http:', 'ws:').replace('/?', '/live?');
  const blocks = 2 * rounds + 2;
  const rates: number[] = [];
  let seconds = 0;
  let start: { envSteps: number; trainSeconds: number } | null = null;
  const onEvent = (event: TrainEvent) => {
    if (event.kind !== 'progress') return;
    const { envSteps, trainSeconds } = event;
    const block = rates.length;
    if (start === null && envSteps >= block * BLOCK + SETTLING) start = { envSteps, trainSeconds };
    if (start === null || envSteps < (block + 1) * BLOCK) return;
    rates.push((envSteps - start.envSteps) / (trainSeconds - start.trainSeconds));
    if (block % 2 === 1) seconds += trainSeconds - start.trainSeconds;
    start = null;
    ask(block % 2 === 0 ? { kind: 'connect', url, count: viewers, run: name } : { kind: 'disconnect' });
  };
  const options = {
    ...{ env: 'SawyerGrasp-v1', seed: 1, steps: blocks * BLOCK, untilSuccess: 0, randomSteps: 200 },
    ...{ bufferCapacity: 20_000, evalEvery: 1_000_000, finalEpisodes: 1, checkpointEvery: 1_000_000 },
  };
  await train({ options, runsDirectory, name }, { around: viewer.watch.bind(viewer), onEvent });
  clients.disconnect();
  watcher.close();
  await viewer.close();
  // The first block has the compiling in it.
  const ratios = Array.from({ length: rounds - 1 }, (_, i) => {
    const [before, during, after] = rates.slice(2 * i + 2, 2 * i + 5) as [number, number, number];
    return (2 * during) / (before + after);
  });
  return { ratios, framesPerSecond: (frames / seconds) * ((BLOCK - SETTLING) / BLOCK) };
}

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] as number; // Not empty.

async function cost(): Promise<void> {
  console.log('| viewers | steps/s beside none: median | mean, 95 % interval | pose frames/s of one that reads |');
  console.log('|---|---|---|---|');
  for (const viewers of [1, many]) {
    const { ratios, framesPerSecond } = await watched(viewers);
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
    const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / (ratios.length - 1);
    const margin = 1.96 * Math.sqrt(variance / ratios.length);
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    console.log(
      `| ${viewers} | ${percent(median(ratios))} | ${percent(mean)} ± ${percent(margin)} | ${framesPerSecond.toFixed(0)} |`,
    );
  }
}

async function page(): Promise<void> {
  const { browser, loaded, firstPicture } = await pageLoads(rounds);
  const row = (times: readonly number[]) => `${median(times).toFixed(0)} | ${Math.max(...times).toFixed(0)}`;
  console.log(`| Chromium ${browser}, without a cache | median (ms) | slowest of ${rounds} |`);
  console.log('|---|---|---|');
  console.log(`| page loaded | ${row(loaded)} |`);
  console.log(`| arm drawn | ${row(firstPicture)} |`);
}

async function charts(): Promise<void> {
  const points = Number(values.points);
  const times = await chartFrames(points);
  const ninth = times[Math.floor(times.length * 0.9)] as number; // Not empty.
  console.log(
    `${points} points: a frame of panning and zooming takes ${median(times).toFixed(1)} ms (median), ` +
      `${ninth.toFixed(1)} ms (9th decile): ${(1000 / median(times)).toFixed(0)} frames/s`,
  );
}

try {
  if (chosen.includes('page')) await page();
  if (chosen.includes('charts')) await charts();
  if (chosen.includes('cost')) await cost();
} finally {
  rmSync(runsDirectory, { recursive: true, force: true });
}
