import { colorNumber } from './run-colors.ts';

/** How a line is drawn; widths and dashes in CSS pixels. */
export interface Stroke {
  readonly color: string;
  readonly width: number;
  readonly dash: readonly number[];
  /** Opacity, 0 … 1. */
  readonly alpha: number;
}

const DASHES: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

/**
 * How one of a chart's kinds of lines is drawn.
 *
 * Between several runs colours tell the runs apart and dashes the kinds; of a single run each kind has a colour.
 */
export function strokeOf(kind: string, kinds: readonly string[], color: string, alone: boolean): Stroke {
  const index = kinds.indexOf(kind);
  const solid: Stroke = { color, width: 1.6, dash: [], alpha: 1 };
  if (index === 0 || kinds.length === 1) return solid;
  if (alone) return { ...solid, color: others(color, index) };
  // It is noisy and has many points: dashes would not be seen, and what was evaluated counts more.
  if (kind === 'training') return { ...solid, width: 1, alpha: 0.5 };
  return { ...solid, dash: DASHES[index % DASHES.length] ?? [], width: index < DASHES.length ? 1.6 : 2.6 };
}

/** The n-th colour, counted from 1, of those that are not this one. */
function others(color: string, n: number): string {
  const earlier = Array.from({ length: n }, (_, i) => colorNumber(i));
  return colorNumber(earlier.includes(color) ? n : n - 1);
}

/** What a legend says of one kind of lines, or of one run. */
export interface LegendEntry {
  readonly text: string;
  readonly stroke: Stroke;
}

/** Width of a sample of a line, CSS pixels. */
export const SAMPLE_WIDTH = 24;

/** Draws a short piece of a line for a legend, from (x, y) to the right. */
export function drawSample(context: CanvasRenderingContext2D, stroke: Stroke, x: number, y: number): void {
  context.save();
  context.strokeStyle = stroke.color;
  context.globalAlpha = stroke.alpha;
  context.lineWidth = stroke.width;
  context.setLineDash([...stroke.dash]);
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + SAMPLE_WIDTH, y);
  context.stroke();
  context.restore();
}
