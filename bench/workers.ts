import { spawn } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ReplayBuffer } from '../src/agents/index.ts';
import { box } from '../src/envs/index.ts';
import { type DownMessage, PROTOCOL, Refusals, type UpMessage, WorkerSocket } from '../src/training/bus/index.ts';
import { resolveConfig } from '../src/training/config.ts';
import { WorkerHub } from '../src/training/workers/hub.ts';
import { asTransitions, rowWidth, transitionLayout } from '../src/training/workers/layout.ts';
import { rangedTransitions } from '../src/training/workers/ranges.ts';
import { setUpLearner } from '../src/training/workers/set-up.ts';
import './idle-env.ts';
import { median } from './pinned.ts';
import { run as timeToSuccess } from './time-to-success.ts';

/*
 * npx tsx bench/workers.ts [time|bus|weights|scale ...]
 *
 *   time     SawyerGrasp-v1 to success, in one process and with one worker, seed by seed in turns
 *   bus      transitions a second from one process into the learner's replay; no environments, no learning
 *   weights  how long new weights take until six busy workers use them, while the learner learns
 *   scale    1 to 32 workers whose simulators take their time elsewhere: steps a second, and what each costs
 */

const SIZES = { observationSize: 17, actionSize: 7 };
const IDLE = ['--import', pathToFileURL(resolve(import.meta.dirname, 'idle-env.ts')).href];

export interface BusResult {
  readonly rowsPerMessage: number;
  /** Median over rounds. */
  readonly transitionsPerSecond: number;
  readonly megabytesPerSecond: number;
}

/** One process that sends ready-made transitions as fast as it is acknowledged; this one puts them into a replay. */
export async function bus(rowsPerMessage: number, seconds = 2, rounds = 3): Promise<BusResult> {
  const spaces = {
    observationSpace: box(-Infinity, Infinity, [SIZES.observationSize]),
    actionSpace: box(-1, 1, [SIZES.actionSize]),
  };
  const layout = rangedTransitions(transitionLayout(SIZES), spaces);
  const hub = await WorkerHub.open({
    secret: '',
    job: jobOf({}),
    ...{ seed: 1, chunk: rowsPerMessage, window: 32 * rowsPerMessage, retain: 1 << 26, beat: 1_000, deadline: 30_000 },
    onWarning: message => log(message),
    onLost: () => {},
  });
  const replay = new ReplayBuffer({ ...SIZES, capacity: 100_000 });
  hub.start({ run: 'bench', random: true, layout });
  const producer = startSelf(['--produce', hub.addresses.localAddress, '--rows', String(rowsPerMessage)]);
  const drain = async (until: number) => {
    let rows = 0;
    while (performance.now() < until) {
      await hub.arrival();
      for (let arrived = hub.take(); arrived !== null; arrived = hub.take()) {
        replay.addBatch(asTransitions(arrived.columns, arrived.rows));
        hub.roster.get(arrived.worker)?.take(arrived.seq);
        hub.acknowledge(arrived);
        rows += arrived.rows;
      }
    }
    return rows;
  };
  await hub.arrival();
  await drain(performance.now() + 500);
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const rows = await drain(start + seconds * 1000);
    rates.push((rows / (performance.now() - start)) * 1000);
  }
  producer.kill();
  await hub.close();
  const transitionsPerSecond = median(rates);
  return {
    rowsPerMessage,
    transitionsPerSecond: Math.round(transitionsPerSecond),
    megabytesPerSecond: Math.round((transitionsPerSecond * rowWidth(layout) * 4) / 1e6),
  };
}

/** The other end of `bus`: as many messages under way as the window allows. */
async function produce(address: string, rows: number): Promise<never> {
  const payload = new Uint8Array(new Float32Array(rows * rowWidth(transitionLayout(SIZES))).buffer);
  let welcome: Extract<DownMessage, { kind: 'welcome' }> | null = null;
  let sent = 0;
  let sending = false;
  const send = async (received: number) => {
    if (sending) return;
    sending = true;
    while (welcome !== null && sent - received < 32) {
      const { run, session } = welcome;
      const message = { kind: 'experience', run, session, seq: sent + 1, oldest: 1, steps: rows, rows } as const;
      if (!(await socket.send({ ...message, weights: 0, episodes: [] }, [payload]))) break;
      sent++;
    }
    sending = false;
  };
  const socket = new WorkerSocket({
    address,
    refusals: new Refusals(log),
    onMessage: ({ message }) => {
      if (message.kind === 'welcome') welcome = message;
      if (message.kind === 'bye') process.exit(0);
      void send(message.kind === 'ack' ? message.received : 0);
    },
  });
  const hello: UpMessage = {
    ...{ kind: 'hello', protocol: PROTOCOL, run: null, worker: 'producer', secret: '', host: 'here', pid: process.pid },
  };
  for (;;) {
    if (welcome === null) await socket.send(hello);
    await new Promise(done => setTimeout(done, 100));
  }
}

export interface WeightsResult {
  readonly workers: number;
  /** ms, until the last of the workers used them. */
  readonly median: number;
  readonly p95: number;
  readonly published: number;
  readonly updatesPerSecond: number;
}

/** Weights under way to busy workers (environments that cost nothing, so that they act all the time). */
export async function weights(workers = 6, seconds = 10): Promise<WeightsResult> {
  const parts = await openIdle({ workers, updatesPerStep: 0.5, randomSteps: 200 });
  try {
    await runFor(parts.learner, 2 + workers);
    const before = parts.learner.updates;
    parts.hub.forgetDelays();
    const start = performance.now();
    await runFor(parts.learner, seconds);
    const delays = [...parts.hub.weightsDelays].sort((a, b) => a - b);
    return {
      workers,
      median: median(delays),
      p95: delays[Math.floor(delays.length * 0.95)] ?? Number.NaN,
      published: delays.length,
      updatesPerSecond: Math.round(((parts.learner.updates - before) / (performance.now() - start)) * 1000),
    };
  } finally {
    await parts.close();
  }
}

export interface ScaleRow {
  readonly workers: number;
  readonly envStepsPerSecond: number;
  /** Of the steps that as many environments would take on their own. */
  readonly efficiency: number;
  /** Of one core, in this process: what receiving costs. */
  readonly learnerCores: number;
  /** Resident memory of one worker, MB. */
  readonly workerMegabytes: number;
  /** How long new weights took until all used them, 95th percentile, ms. */
  readonly weightsP95: number;
}

/** Workers whose simulators take `stepMilliseconds` a step elsewhere; the learner learns next to nothing. */
export async function scale(workers: number, stepMilliseconds = 20, seconds = 6): Promise<ScaleRow> {
  // One update in a hundred steps, so that weights go round and learning is not what is measured.
  const parts = await openIdle({ workers, updatesPerStep: 0.01, randomSteps: 50, envOptions: { stepMilliseconds } });
  try {
    while (parts.hub.routes.health().filter(({ envSteps }) => envSteps > 0).length < workers)
      await runFor(parts.learner, 0.5);
    await runFor(parts.learner, 2);
    const steps = parts.learner.envSteps;
    const cpu = process.cpuUsage();
    // While workers still start, weights wait for them.
    parts.hub.forgetDelays();
    const start = performance.now();
    await runFor(parts.learner, seconds);
    const span = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const rate = (parts.learner.envSteps - steps) / span;
    const delays = [...parts.hub.weightsDelays].sort((a, b) => a - b);
    const memory = parts.hub.routes.health().flatMap(({ beat }) => (beat === null ? [] : [beat.memory]));
    return {
      workers,
      envStepsPerSecond: Math.round(rate),
      efficiency: rate / ((workers * 1000) / stepMilliseconds),
      learnerCores: (user + system) / 1e6 / span,
      workerMegabytes: Math.round(median(memory) / 1e6),
      weightsP95: delays[Math.floor(delays.length * 0.95)] ?? Number.NaN,
    };
  } finally {
    await parts.close();
  }
}

function jobOf(envOptions: Readonly<Record<string, unknown>>) {
  return {
    ...{ env: 'Idle-v0', envOptions, simulator: 'mujoco', simulatorOptions: {}, algorithm: 'sac', agentOptions: {} },
    ...{ backend: 'onnx' as const, maxEpisodeSteps: 1000, envs: 1 },
  };
}

function openIdle(more: Readonly<Record<string, unknown>>) {
  const config = resolveConfig({ env: 'Idle-v0', steps: 1e9, untilSuccess: 0, ...more });
  return setUpLearner(config, { onWarning: log, execArgv: IDLE });
}

async function runFor(loop: { runEpisode(onUpdate: () => void): Promise<unknown> }, seconds: number): Promise<void> {
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) await loop.runEpisode(() => {});
}

function startSelf(more: readonly string[]) {
  return spawn(process.execPath, ['--import', 'tsx', import.meta.filename, ...more], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** Time to success of both ways, seed by seed in turns, so that what else the machine does falls on both. */
async function time(seeds: number) {
  const setting = { name: 'grasp', goal: 0.99, arguments: [] };
  const rows: Record<'single' | 'workers', { wall: number[]; train: number[]; reached: number }> = {
    single: { wall: [], train: [], reached: 0 },
    workers: { wall: [], train: [], reached: 0 },
  };
  for (let seed = 1; seed <= seeds; seed++)
    for (const [way, more] of [
      ['single', ['--workers', '0']],
      ['workers', ['--workers', '1']],
    ] as const) {
      const result = await timeToSuccess(setting, [seed], more, row =>
        log(
          `${way.padEnd(8)} seed ${seed}: ${row.successRate.toFixed(3)} after ${row.envSteps} steps, ` +
            `${row.trainSeconds.toFixed(1)} s of training, ${row.wallSeconds.toFixed(1)} s in all`,
        ),
      );
      for (const { wallSeconds, trainSeconds, successRate } of result.rows) {
        rows[way].wall.push(wallSeconds);
        rows[way].train.push(trainSeconds);
        if (successRate >= setting.goal) rows[way].reached++;
      }
    }
  const summary = (way: 'single' | 'workers') => ({
    medianWallSeconds: median(rows[way].wall),
    medianTrainSeconds: median(rows[way].train),
    reached: `${rows[way].reached} of ${seeds}`,
  });
  const [single, workers] = [summary('single'), summary('workers')];
  return { single, workers, wallRatio: workers.medianWallSeconds / single.medianWallSeconds };
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    options: {
      produce: { type: 'string' },
      rows: { type: 'string', default: '64' },
      seeds: { type: 'string', default: '5' },
      most: { type: 'string', default: '32' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  if (values.produce !== undefined) await produce(values.produce, Number(values.rows));
  const chosen = positionals.length === 0 ? ['bus', 'weights', 'scale', 'time'] : positionals;
  const results: Record<string, unknown> = { processor: `${availableParallelism()} × ${cpus()[0]?.model}` };
  log(`${results.processor}, Node ${process.version}`);
  if (chosen.includes('bus')) {
    const rows = [];
    for (const perMessage of [1, 4, 16, 64, 256]) {
      const row = await bus(perMessage);
      log(`${perMessage} rows a message: ${row.transitionsPerSecond} transitions/s, ${row.megabytesPerSecond} MB/s`);
      rows.push(row);
    }
    results.bus = rows;
  }
  if (chosen.includes('weights')) {
    const row = await weights();
    log(`weights at all of ${row.workers} workers: median ${row.median.toFixed(1)} ms, p95 ${row.p95.toFixed(1)} ms`);
    results.weights = row;
  }
  if (chosen.includes('scale')) {
    const rows = [];
    for (let workers = 1; workers <= Number(values.most); workers *= 2) {
      const row = await scale(workers);
      log(
        `${workers} workers: ${row.envStepsPerSecond} steps/s (${(row.efficiency * 100).toFixed(0)} %), learner ` +
          `${row.learnerCores.toFixed(2)} cores, ${row.workerMegabytes} MB each, weights p95 ${row.weightsP95.toFixed(0)} ms`,
      );
      rows.push(row);
    }
    results.scale = rows;
  }
  if (chosen.includes('time')) {
    const result = await time(Number(values.seeds));
    log(`with one worker ${(result.wallRatio * 100).toFixed(0)} % of the single process's wall-clock`);
    results.time = result;
  }
  console.log(JSON.stringify(results, null, values.json ? 0 : 2));
}
