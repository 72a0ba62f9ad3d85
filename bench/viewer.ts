/**
 * What watching costs: a training, its viewers, and whoever opens the page.
 *
 *     npx tsx bench/viewer.ts [page|charts|cost ...] [--rounds 5] [--steps 3000] [--viewers 10] [--points 500000]
 *
 *   page    opening it in headless Chromium without a cache: until it has loaded, until the arm is drawn
 *   charts  frames a second of panning and zooming through so many points
 *   cost    trains in turns without a viewer, with one, and with so many, one of which does not read; a training's steps a
 *           second are compared with those of its neighbours without, so that a machine that gets slower or faster does
 *           not count
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { RunFeed, train } from '../src/training/index.ts';
import { LiveViewer, RunWatcher } from '../src/viewer/index.ts';
import { chartFrames, pageLoads } from './viewer-page.ts';

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    steps: { type: 'string', default: '3000' },
    viewers: { type: 'string', default: '10' },
    points: { type: 'string', default: '500000' },
  },
  allowPositionals: true,
});
const chosen = positionals.length === 0 ? ['page', 'charts', 'cost'] : positionals;
const [rounds, steps, many] = [Number(values.rounds), Number(values.steps), Number(values.viewers)];
const runsDirectory = mkdtempSync(join(tmpdir(), 'graspbridge-bench-'));
let runs = 0;

interface Measured {
  readonly stepsPerSecond: number;
  /** Pose frames that a viewer that reads got a second. */
  readonly framesPerSecond: number;
}

/** Trains with so many viewers connected; the last of several does not read. */
async function measure(viewers: number): Promise<Measured> {
  const watcher = new RunWatcher(new RunFeed([runsDirectory]));
  const viewer =
    viewers === 0
      ? null
      : await LiveViewer.start({
          title: 'bench',
          abilities: { training: true },
          rate: 30,
          greetings: () => [watcher.greeting()],
          onMessage: (message, client) => watcher.handle(message, client),
          onLeave: client => watcher.leave(client),
        });
  if (viewer !== null) watcher.attach(viewer);
  const frames = Array.from({ length: viewers }, () => 0);
  const sockets = frames.map((_, i) => {
    const socket = new WebSocket((viewer?.url ?? '').replace('http:', 'ws:').replace('/?', '/live?'));
    socket.on('message', (_data, isBinary) => {
      if (isBinary) frames[i] = (frames[i] as number) + 1;
    });
    return socket;
  });
  await Promise.all(sockets.map(socket => new Promise(done => socket.once('open', done))));
  if (viewers > 1) sockets.at(-1)?.pause();
  const name = `run-${++runs}`;
  for (const socket of sockets) socket.send(JSON.stringify({ type: 'select', runs: [name] }));
  const options = {
    ...{ env: 'SawyerGrasp-v1', seed: 1, steps, untilSuccess: 0, randomSteps: 200, bufferCapacity: 20_000 },
    ...{ evalEvery: 1_000_000, finalEpisodes: 1, checkpointEvery: 1_000_000 },
  };
  const around = viewer === null ? {} : { around: viewer.watch.bind(viewer) };
  const { envSteps, trainSeconds } = await train({ options, runsDirectory, name }, around);
  for (const socket of sockets) socket.terminate();
  watcher.close();
  await viewer?.close();
  return { stepsPerSecond: envSteps / trainSeconds, framesPerSecond: (frames[0] ?? 0) / trainSeconds };
}

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] as number; // Not empty.

async function cost(): Promise<void> {
  await measure(0);
  const results = new Map<number, { ratios: number[]; frames: number[] }>();
  for (let round = 0; round < rounds; round++)
    for (const viewers of [1, many]) {
      const before = await measure(0);
      const watched = await measure(viewers);
      const after = await measure(0);
      const result = results.get(viewers) ?? { ratios: [], frames: [] };
      results.set(viewers, result);
      result.ratios.push((2 * watched.stepsPerSecond) / (before.stepsPerSecond + after.stepsPerSecond));
      result.frames.push(watched.framesPerSecond);
      console.error(
        `round ${round + 1}, ${viewers} viewers: ${watched.stepsPerSecond.toFixed(0)} steps/s, ` +
          `without ${before.stepsPerSecond.toFixed(0)} and ${after.stepsPerSecond.toFixed(0)}`,
      );
    }
  console.log('| viewers | steps/s beside none (median) | pose frames/s of a viewer that reads |');
  console.log('|---|---|---|');
  for (const [viewers, { ratios, frames }] of results)
    console.log(`| ${viewers} | ${(100 * median(ratios)).toFixed(1)} % | ${median(frames).toFixed(0)} |`);
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
