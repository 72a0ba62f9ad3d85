import { existsSync } from 'node:fs';
import { isRecord } from '../common/is-record.ts';
import { packageVersion } from '../common/package-version.ts';
import { completeConfig, type TrainConfig, type TrainOptions } from './config.ts';
import { RunDamagedError } from './errors.ts';
import type { TrainSummary } from './progress.ts';
import type { RunDirectory } from './run-directory.ts';

/** Writes a run's `config.json`: its id, all that was chosen, and which versions it ran on. */
export function writeRunConfig(run: RunDirectory, id: string, config: TrainConfig): void {
  run.writeJson(run.configPath, { id, graspbridge: packageVersion(), node: process.version, training: config });
}

/** The id that a run got when it began; null if its version gave none. Throws RunDamagedError. */
export function readRunId(run: RunDirectory): string | null {
  const stored = run.readJson(run.configPath);
  return isRecord(stored) && typeof stored.id === 'string' ? stored.id : null;
}

/** Reads a run's `config.json`. Throws RunDamagedError where it is not one. */
export function readRunConfig(run: RunDirectory): TrainConfig {
  const stored = run.readJson(run.configPath);
  if (!isRecord(stored) || !isRecord(stored.training))
    throw new RunDamagedError(
      `Reading ${run.configPath} failed: it does not say what was trained. Repair the file, or start a new run.`,
    );
  return checkConfig(stored.training, run.configPath);
}

/** Checks a configuration that was read from a file. Throws RunDamagedError naming the file. */
export function checkConfig(stored: Readonly<Record<string, unknown>>, path: string): TrainConfig {
  try {
    return completeConfig(stored as TrainOptions); // Checked there.
  } catch (error) {
    throw new RunDamagedError(
      `The configuration in ${path} cannot be used: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
  }
}

/** A run's `summary.json`, or null before its first end. Throws RunDamagedError. */
export function readRunSummary(run: RunDirectory): TrainSummary | null {
  if (!existsSync(run.summaryPath)) return null;
  const summary = run.readJson(run.summaryPath);
  if (!isRecord(summary) || typeof summary.interrupted !== 'boolean')
    throw new RunDamagedError(`Reading ${run.summaryPath} failed: it is not a summary. Remove it to go on.`);
  return summary as unknown as TrainSummary; // Written whole or not at all by this program.
}
