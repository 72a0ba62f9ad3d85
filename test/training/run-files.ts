import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { CheckpointStore, readCheckpoint, readMetrics, type TrainOptions } from '../../src/training/index.ts';

/** A folder of the test's own, removed after it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'graspbridge-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A training of a second or two on the point environment, with everything due often. */
export const SMALL: TrainOptions = {
  env: 'Point-v0',
  seed: 7,
  steps: 900,
  untilSuccess: 0,
  evalEvery: 200,
  evalEpisodes: 5,
  finalEpisodes: 10,
  checkpointEvery: 150,
  logEvery: 60,
  randomSteps: 100,
  bufferCapacity: 500,
  updatesPerStep: 0.75,
  agentOptions: { actorHidden: [16, 16], criticHidden: [16, 16], batchSize: 16, gamma: 0.9 },
};

/** A run's metrics without its times. */
export function metricsOf(directory: string): unknown[] {
  return readMetrics(join(directory, 'metrics.jsonl')).map(record => ({ ...record, seconds: 0 }));
}

/** A run's last state without its times, arrays as bytes. */
export function lastStateOf(directory: string): unknown {
  const path = new CheckpointStore(join(directory, 'checkpoints')).latest();
  const { state, meta } = readCheckpoint(path ?? 'none');
  // Every run has an id of its own.
  const { run: _, ...rest } = meta;
  return { meta: rest, ...state, trainSeconds: 0, wallSeconds: 0 };
}

export function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
