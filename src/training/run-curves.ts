import { writeFileAtomically } from '../common/atomic-file.ts';
import { drawCurves } from './curves/curves.ts';
import type { RunCurves } from './curves/groups.ts';
import { readMetrics } from './metrics.ts';
import type { RunDirectory } from './run-directory.ts';
import { readRunConfig } from './run-files.ts';

/** Reads what a picture needs of a run. Throws RunDamagedError. */
export function readRunCurves(run: RunDirectory): RunCurves {
  return { name: run.name, config: readRunConfig(run), records: readMetrics(run.metricsPath) };
}

/** Draws a run's own `curves.svg`. */
export function writeRunCurves(run: RunDirectory): void {
  writeCurves([run], run.curvesPath);
}

/** Draws one or several runs into a file. */
export function writeCurves(runs: readonly RunDirectory[], path: string): void {
  writeFileAtomically(path, drawCurves(runs.map(readRunCurves)));
}
