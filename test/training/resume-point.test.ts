import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { CheckpointStore, findCheckpoint, type TrainEvent, train } from '../../src/training/index.ts';
import { hooks } from './point-env.ts';
import { lastStateOf, metricsOf, SMALL, temporaryFolder } from './run-files.ts';

afterEach(() => {
  hooks.onStep = null;
});

/** Resumes the run, and collects where it was resumed and what was warned of. */
async function resume(runsDirectory: string, name: string, checkpoint?: string) {
  const told = { resumedAt: -1, warnings: [] as string[] };
  const onEvent = (event: TrainEvent) => {
    if (event.kind === 'start') told.resumedAt = event.resumedAt;
    if (event.kind === 'warning') told.warnings.push(event.message);
  };
  const chosen = checkpoint === undefined ? {} : { checkpoint };
  const summary = await train({ runsDirectory, name, resume: true, ...chosen }, { onEvent });
  return { ...told, summary };
}

/** A run of 900 steps that is broken off at so many. */
async function brokenOff(runsDirectory: string, name: string, at: number, options = SMALL) {
  const onEvent = (event: TrainEvent) => {
    if (event.kind === 'progress' && event.envSteps >= at) throw new Error('the power went out');
  };
  await expect(train({ options, runsDirectory, name }, { onEvent })).rejects.toThrow('the power went out');
  const directory = join(runsDirectory, name);
  return { directory, store: new CheckpointStore(join(directory, 'checkpoints')) };
}

test('resumes from the newest whole checkpoint when newer ones are damaged, and keeps those aside', async () => {
  const runsDirectory = temporaryFolder();
  const whole = await train({ options: SMALL, runsDirectory, name: 'whole' });
  const { directory, store } = await brokenOff(runsDirectory, 'parts', 640);
  const [older, newest] = store.list().slice(-2) as [string, string];
  truncateSync(newest, 5000);
  const { resumedAt, warnings, summary } = await resume(runsDirectory, 'parts');
  expect(resumedAt).toBe(Number(/step-0*(\d+)/.exec(older)?.[1]));
  expect(warnings[0]).toContain(`${newest} failed: it is 5000 bytes long instead of`);
  expect(warnings[0]).toContain(`The run is resumed from ${older}`);
  expect(summary.warnings).toEqual(warnings);
  expect(readFileSync(`${newest}.damaged`).byteLength).toBe(5000);
  expect(existsSync(join(directory, 'metrics-superseded-1.jsonl'))).toBe(true);
  expect(metricsOf(directory)).toEqual(metricsOf(whole.directory));
  expect(lastStateOf(directory)).toEqual(lastStateOf(whole.directory));
});

test('lists what is wrong with each checkpoint when all are damaged, and changes nothing', async () => {
  const runsDirectory = temporaryFolder();
  const { directory, store } = await brokenOff(runsDirectory, 'mine', 640);
  const paths = store.list();
  expect(paths.length).toBeGreaterThan(1);
  for (const path of paths) truncateSync(path, 5000);
  const before = readdirSync(directory, { recursive: true });
  const failure = await resume(runsDirectory, 'mine').catch((error: Error) => error);
  expect(failure).toMatchObject({ name: 'CheckpointDamagedError' });
  for (const path of paths) expect((failure as Error).message).toContain(`${path} failed: it is 5000 bytes long`);
  expect(readdirSync(directory, { recursive: true })).toEqual(before);
});

test('resumes from the chosen checkpoint, by step or path, and keeps newer ones aside', async () => {
  const runsDirectory = temporaryFolder();
  const whole = await train({ options: SMALL, runsDirectory, name: 'whole' });
  for (const by of ['step', 'path']) {
    const { directory, store } = await brokenOff(runsDirectory, by, 640);
    const [older, newest] = store.list().slice(-2) as [string, string];
    const steps = Number(/step-0*(\d+)/.exec(older)?.[1]);
    const { resumedAt, warnings } = await resume(runsDirectory, by, by === 'step' ? String(steps) : older);
    expect(resumedAt).toBe(steps);
    expect(warnings[0]).toContain(`Newer checkpoints are kept as ${basename(newest)}.superseded`);
    expect(existsSync(`${newest}.superseded`)).toBe(true);
    expect(lastStateOf(directory)).toEqual(lastStateOf(whole.directory));
  }
  await expect(resume(runsDirectory, 'step', '1')).rejects.toThrow(/no checkpoint of step 1 in .*It has: step-/);
  await expect(resume(runsDirectory, 'step', 'lats')).rejects.toThrow(/cannot be "lats"\. Did you mean "last"/);
});

test('starts over in the folder of a run that was stopped before its first checkpoint', async () => {
  const runsDirectory = temporaryFolder();
  const whole = await train({ options: SMALL, runsDirectory, name: 'whole' });
  const { directory, store } = await brokenOff(runsDirectory, 'mine', 90);
  expect(store.list()).toEqual([]);
  const { resumedAt, warnings } = await resume(runsDirectory, 'mine');
  expect(resumedAt).toBe(0);
  expect(warnings[0]).toContain('it starts over at step 0');
  expect(warnings[0]).toContain(join(directory, 'metrics-superseded-1.jsonl'));
  expect(metricsOf(directory)).toEqual(metricsOf(whole.directory));
  expect(lastStateOf(directory)).toEqual(lastStateOf(whole.directory));
});

test('refuses a checkpoint of another run, and says what differs', async () => {
  const runsDirectory = temporaryFolder();
  const same = await brokenOff(runsDirectory, 'same', 400);
  const other = await brokenOff(runsDirectory, 'other', 400, { ...SMALL, seed: 8 });
  const { store } = await brokenOff(runsDirectory, 'mine', 300);
  const into = join(store.directory, 'step-000000390.checkpoint');
  copyFileSync(same.store.latest() as string, into);
  await expect(resume(runsDirectory, 'mine')).rejects.toThrow(
    /390\.checkpoint belongs to another run: its run has the id/,
  );
  const last = { run: 'mine', runsDirectory, checkpoint: 'last' };
  expect(() => findCheckpoint(last)).toThrow('belongs to another run');
  copyFileSync(other.store.latest() as string, into);
  await expect(resume(runsDirectory, 'mine')).rejects.toThrow("its seed is 8, the run's is 7");
  expect(existsSync(join(runsDirectory, 'mine', 'lock'))).toBe(false);
  rmSync(into);
  expect((await resume(runsDirectory, 'mine')).summary.envSteps).toBeGreaterThanOrEqual(900);
});
