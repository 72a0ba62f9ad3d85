import { existsSync, statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { writeFileAtomically } from '../common/atomic-file.ts';
import { EnvironmentError, UsageError } from '../common/errors.ts';
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
  run.checkPresent();
  writeCurves([run], run.curvesPath);
}

export interface PictureOptions extends CurvesOptions {
  /** Of a PNG, pixels: 100 to 10,000, and 1200 by default. */
  readonly width?: number;
  /** Told what is left out of the picture. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Draws one or several runs into a file, an SVG, or a PNG where its name ends so.
 *
 * Throws UsageError for another extension, a width out of range, and a folder that is not there; EnvironmentError if the
 * file cannot be written.
 */
export async function writePicture(
  runs: readonly RunDirectory[],
  path: string,
  { width = 1200, onWarning, ...options }: PictureOptions = {},
): Promise<void> {
  const extension = extname(path).toLowerCase();
  if (extension !== '.svg' && extension !== '.png')
    throw new UsageError(`Curves are drawn as .svg or .png, but the picture is to be ${path}.`);
  if (!Number.isInteger(width) || width < 100 || width > 10_000)
    throw new UsageError(`A picture is 100 to 10,000 pixels wide, a whole number of them, but --width is ${width}.`);
  const folder = dirname(resolve(path));
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UsageError(
      `Writing the picture ${path} failed: there is no folder ${folder}. Make it, or name another place with --out.`,
    );
  const curves = runs.map(run => {
    const read = readRunCurves(run);
    if (read.damagedLines)
      onWarning?.(`Left out of ${run.metricsPath}: torn or incomplete lines, ${read.damagedLines} of them.`);
    if (read.records.length === 0) onWarning?.(`${run.name} has recorded nothing yet: there are no curves of it.`);
    else if (!read.records.some(({ type }) => type === 'evaluation'))
      onWarning?.(
        runs.length === 1
          ? `${run.name} has no evaluation yet: the curves are those of its training episodes.`
          : `${run.name} has no evaluation yet: it is missing in the panels of success and return.`,
      );
    return read;
  });
  const svg = drawCurves(curves, options);
  const picture = extension === '.svg' ? svg : [await rasterize(svg, width)];
  try {
    writeFileAtomically(path, picture);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new EnvironmentError(`Writing the picture ${path} failed: ${reason}. Name another place with --out.`, {
      cause: error,
    });
  }
}

async function rasterize(svg: string, width: number): Promise<Uint8Array> {
  const { svgToPng } = await import('./curves/rasterize.ts');
  return svgToPng(svg, width);
}

/** Draws one or several runs into an SVG file. */
export function writeCurves(runs: readonly RunDirectory[], path: string): void {
  writeFileAtomically(path, drawCurves(runs.map(readRunCurves)));
}
