import { extname } from 'node:path';
import { writeFileAtomically } from '../common/atomic-file.ts';
import { UsageError } from '../common/errors.ts';
import { type CurvesOptions, drawCurves } from './curves/curves.ts';
import type { RunCurves } from './curves/groups.ts';
import { readMetrics } from './metrics.ts';
import type { RunDirectory } from './run-directory.ts';
import { readRunConfig } from './run-files.ts';

/** Reads what a picture needs of a run. Throws RunDamagedError. */
export function readRunCurves(run: RunDirectory): RunCurves {
  let damagedLines = 0;
  const records = readMetrics(run.metricsPath, lines => {
    damagedLines = lines;
  });
  return { name: run.name, config: readRunConfig(run), records, damagedLines };
}

/** Draws a run's own `curves.svg`. */
export function writeRunCurves(run: RunDirectory): void {
  writeCurves([run], run.curvesPath);
}

export interface PictureOptions extends CurvesOptions {
  /** Of a PNG, pixels; 1200 by default. */
  readonly width?: number;
  /** Told what is left out of the picture. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Draws one or several runs into a file, an SVG, or a PNG where its name ends so.
 *
 * Throws UsageError for another extension.
 */
export async function writePicture(
  runs: readonly RunDirectory[],
  path: string,
  { width = 1200, onWarning, ...options }: PictureOptions = {},
): Promise<void> {
  const extension = extname(path).toLowerCase();
  if (extension !== '.svg' && extension !== '.png')
    throw new UsageError(`Curves are drawn as .svg or .png, but the picture is to be ${path}.`);
  const curves = runs.map(run => {
    const read = readRunCurves(run);
    if (read.damagedLines)
      onWarning?.(`Left out of ${run.metricsPath}: torn or incomplete lines, ${read.damagedLines} of them.`);
    return read;
  });
  const svg = drawCurves(curves, options);
  if (extension === '.svg') return writeFileAtomically(path, svg);
  const { svgToPng } = await import('./curves/rasterize.ts');
  writeFileAtomically(path, [await svgToPng(svg, width)]);
}

/** Draws one or several runs into an SVG file. */
export function writeCurves(runs: readonly RunDirectory[], path: string): void {
  writeFileAtomically(path, drawCurves(runs.map(readRunCurves)));
}
