import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { UsageError } from '../../../src/common/errors.ts';
import { EnvContractError } from '../../../src/envs/index.ts';
import {
  type MetricsRecord,
  openWandb,
  readMetrics,
  resolveConfig,
  type TrainRequest,
  type TrainSummary,
  train,
  type WandbOptions,
} from '../../../src/training/index.ts';
import { hooks } from '../point-env.ts';
import { metricsOf, SMALL, temporaryFolder } from '../run-files.ts';
import { type Manner, WandbServer } from './wandb-server.ts';

let server: WandbServer;
beforeEach(async () => {
  server = await WandbServer.start();
  vi.stubEnv('WANDB_BASE_URL', server.url);
  vi.stubEnv('WANDB_API_KEY', 'a-key');
  vi.stubEnv('WANDB_MODE', '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

interface Watched {
  readonly summary: TrainSummary;
  readonly warnings: string[];
  readonly urls: string[];
  /** How long the end waited, s. */
  readonly waited: number;
}

/** A whole training with its metrics at W&B. */
async function trainThere(request: TrainRequest, options: WandbOptions = {}): Promise<Watched> {
  const warnings: string[] = [];
  const urls: string[] = [];
  const board = await openWandb({ onWarning: text => warnings.push(text), onUrl: url => urls.push(url), ...options });
  const summary = await train(request, { onEvent: event => board.onEvent(event) });
  const before = performance.now();
  await board.finish(0, summary);
  return { summary, warnings, urls, waited: (performance.now() - before) / 1000 };
}

/** All numbers of the lines of each step, by the names that they have in TensorBoard, too. */
function expected(records: readonly MetricsRecord[]): Map<number, Record<string, number>> {
  const rows = new Map<number, Record<string, number>>();
  for (const record of records) {
    const row = rows.get(record.envSteps) ?? { env_steps: record.envSteps };
    rows.set(record.envSteps, row);
    const put = (prefix: string, values: Readonly<Record<string, number>>) => {
      for (const [name, value] of Object.entries(values)) row[`${prefix}/${name}`] = value;
    };
    const { successRate: success_rate, meanReturn, meanLength: length } = record;
    if (record.type === 'train') {
      put('rollout', { success_rate, return: meanReturn, length });
      put('time', { train_seconds: record.seconds, episodes: record.episodes, updates: record.updates });
      put('learner', record.learner);
    } else {
      const [success_low, success_high] = record.successInterval;
      const { episodes } = record;
      put(record.purpose === 'periodic' ? 'evaluation' : `evaluation_${record.purpose}`, {
        ...{ success_rate, return: meanReturn, length, success_low, success_high, episodes },
      });
    }
  }
  return rows;
}

test('what arrives is what metrics.jsonl holds, a row a step, with configuration, name and end', async () => {
  const runsDirectory = temporaryFolder();
  const watched = await trainThere({ options: SMALL, runsDirectory, name: 'there' }, { entity: 'a-team' });
  expect(watched.warnings).toEqual([]);
  const { run } = server;
  expect(run).toMatchObject({ project: 'graspbridge', entity: 'a-team', name: 'there', exitCode: 0 });
  expect(run.config).toEqual(JSON.parse(JSON.stringify(resolveConfig(SMALL))));
  const records = readMetrics(join(watched.summary.directory, 'metrics.jsonl'));
  expect(records.length).toBeGreaterThan(15);
  const rows = [...expected(records).values()];
  expect(run.history).toHaveLength(rows.length);
  rows.forEach((row, i) => {
    expect(run.history[i]).toMatchObject({ ...row, _step: row.env_steps });
  });
  const { evaluation, trainSeconds } = watched.summary;
  expect(run.summary).toMatchObject({
    'final/success_rate': evaluation?.successRate,
    'final/success_low': evaluation?.successInterval[0],
    'final/success_high': evaluation?.successInterval[1],
    'final/train_seconds': trainSeconds,
    'final/goal_reached': 0,
  });
  expect(watched.urls).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/a-team\/graspbridge\/runs\/\w+$/)]);
  // HTTP's basic authentication, as the package sends the key.
  expect([...server.authorizations]).toEqual([`Basic ${Buffer.from('api:a-key').toString('base64')}`]);
});

test('a run that goes on is a run of its own, with what is new, named after where it does', async () => {
  const runsDirectory = temporaryFolder();
  const first = await train({ options: SMALL, runsDirectory, name: 'long' });
  await trainThere({ options: { steps: 1300 }, runsDirectory, name: 'long', resume: true });
  expect(server.run.name).toBe(`long from step ${first.envSteps}`);
  const steps = server.run.history.map(row => row.env_steps as number);
  expect(Math.min(...steps)).toBeGreaterThan(first.envSteps);
  expect(Math.max(...steps)).toBeGreaterThanOrEqual(1300);
});

test('a training that fails is a failure there, too', async () => {
  const board = await openWandb();
  hooks.reward = () => Number.NaN;
  onTestFinished(() => {
    hooks.reward = null;
  });
  const failing = train(
    { options: SMALL, runsDirectory: temporaryFolder() },
    { onEvent: event => board.onEvent(event) },
  );
  await expect(failing).rejects.toThrow(EnvContractError);
  await board.finish(1);
  // As a `finally` that comes after it does.
  await board.finish(0);
  expect(server.run.exitCode).toBe(1);
});

const manners: [string, { graphql?: Manner; stream?: Manner; gone?: true; patience?: number }, RegExp][] = [
  ['is not there', { gone: true }, /ECONNREFUSED/],
  ['never answers', { graphql: 'silent', patience: 0.5 }, /not taken within 0.5 s/],
  ['takes the run and never a row', { stream: 'silent', patience: 0.5 }, /not taken within 0.5 s/],
  ['fails', { graphql: { status: 500 } }, /HTTP status 500/],
  ['fails at every row', { stream: { status: 500 } }, /HTTP status 500/],
  ['refuses the key', { graphql: { status: 401 } }, /401, so the API key is not taken/],
];

/** The training that all these servers see, without any; made once. */
const options = { ...SMALL, steps: 300 };
let undisturbed: { readonly metrics: unknown; readonly summary: TrainSummary } | undefined;

async function trainAlone() {
  const summary = await train({ options, runsDirectory: temporaryFolder() });
  return { summary, metrics: metricsOf(summary.directory) };
}

test.each(manners)('a server that %s changes nothing, and is warned of once', async (_, manner, warning) => {
  undisturbed ??= await trainAlone();
  const { summary: alone, metrics } = undisturbed;
  const { gone, patience = 20, ...manners } = manner;
  if (gone) await server.close();
  Object.assign(server, manners);
  const watched = await trainThere({ options, runsDirectory: temporaryFolder() }, { patience });
  expect(metricsOf(watched.summary.directory)).toEqual(metrics);
  expect(watched.summary).toMatchObject({ envSteps: alone.envSteps, evaluation: alone.evaluation, warnings: [] });
  expect(watched.warnings).toEqual([expect.stringMatching(warning)]);
  expect(watched.waited).toBeLessThan(patience + 5);
});

test('rows that nobody takes are kept up to a bound, whatever the training tells', async () => {
  server.graphql = 'silent';
  let warn: (text: string) => void = () => {};
  const warned = new Promise<string>(resolve => {
    warn = resolve;
  });
  const board = await openWandb({ onWarning: text => warn(text), patience: 0.1 });
  onTestFinished(() => board.finish(1));
  const config = resolveConfig(SMALL);
  const untold = {
    simulator: '',
    objective: 'success',
    engine: '',
    memory: 'replay',
    replayBytes: 0,
    demonstrations: '',
  } as const;
  board.onEvent({ kind: 'start', run: 'a', directory: '', config, resumedAt: 0, ...untold });
  const line = { type: 'train', episodes: 1, updates: 1, seconds: 1, meanReturn: 0, meanLength: 1, successRate: 0 };
  for (let envSteps = 1; envSteps <= 10_050; envSteps++)
    board.onEvent({ kind: 'metrics', record: { ...line, type: 'train', envSteps, learner: {} } });
  expect(await warned).toContain('10000 rows wait');
});

test('what is missing is said before anything is sent', async () => {
  await expect(openWandb({ module: '@wandb/no-such-package' })).rejects.toThrow(/npm install --save-dev @wandb\/sdk/);
  await expect(openWandb({ project: '../else' })).rejects.toThrow(/project cannot be "\.\.\/else"/);
  await expect(openWandb({ entity: 'a b' })).rejects.toThrow(/entity cannot be "a b"/);
  vi.stubEnv('WANDB_MODE', 'offline');
  await expect(openWandb()).rejects.toThrow(/WANDB_MODE is offline/);
  vi.stubEnv('WANDB_MODE', '');
  vi.stubEnv('WANDB_API_KEY', '');
  vi.stubEnv('HOME', temporaryFolder());
  const refused = openWandb();
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow(/Set WANDB_API_KEY/);
  expect(server.requests).toBe(0);
});

test('a key in ~/.netrc will do', async () => {
  const home = temporaryFolder();
  mkdirSync(home, { recursive: true });
  const host = new URL(server.url).host;
  writeFileSync(join(home, '.netrc'), `machine ${host}\n  login user\n  password from-netrc\n`, { mode: 0o600 });
  vi.stubEnv('WANDB_API_KEY', '');
  vi.stubEnv('HOME', home);
  await trainThere({ options: { ...SMALL, steps: 100 }, runsDirectory: temporaryFolder() });
  expect([...server.authorizations]).toEqual([`Basic ${Buffer.from('api:from-netrc').toString('base64')}`]);
});

test('lets a program end that forgets it', async () => {
  const code = `
    import { openWandb } from ${JSON.stringify(new URL('../../../src/training/index.ts', import.meta.url).href)};
    const board = await openWandb();
    board.onEvent({ kind: 'start', run: 'forgotten', config: {}, resumedAt: 0 });
    console.log('opened');
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  child.stdout.on('data', chunk => {
    stdout += chunk;
  });
  // The test's own limit says that it did not end.
  const exit = await new Promise(resolve => child.on('close', resolve));
  expect([exit, stdout]).toEqual([0, 'opened\n']);
}, 120_000);
