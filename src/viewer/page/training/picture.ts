import { make } from '../dom.ts';
import { drawSample, type LegendEntry, SAMPLE_WIDTH } from './stroke.ts';

export interface PictureParts {
  /** The plot as it was drawn, with the name of its horizontal axis. */
  readonly plot: HTMLCanvasElement;
  /** The plot's size in CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** What the vertical axis shows. */
  readonly yName: string;
  readonly legend: readonly LegendEntry[];
}

const GROUND = '#1b1e25';
const INK = '#f4f5f7';
const PALE = '#a9afba';
const FONT = '12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif';
const MARGIN = 16;
const ROW = 18;
const AXIS_NAME = 16;

/** A chart as a picture that can be understood by itself: title, axes' names, and a legend below. */
export function chartPicture({ plot, width, height, title, yName, legend }: PictureParts): HTMLCanvasElement {
  const scale = plot.width / width;
  const canvas = make('canvas');
  const context = canvas.getContext('2d') as CanvasRenderingContext2D; // A fresh canvas has one.
  context.font = FONT;
  const [left, top] = [MARGIN + AXIS_NAME, MARGIN + 24];
  const placed = place(context, legend, width);
  const rows = (placed.at(-1)?.row ?? -1) + 1;
  const full = { width: left + width + MARGIN, height: top + height + (rows === 0 ? 0 : 8 + rows * ROW) + MARGIN };
  canvas.width = Math.round(full.width * scale);
  canvas.height = Math.round(full.height * scale);
  context.scale(scale, scale);
  // The plot itself has no ground: on a white page its labels would not be seen.
  context.fillStyle = GROUND;
  context.fillRect(0, 0, full.width, full.height);
  context.drawImage(plot, left, top, width, height);
  context.textBaseline = 'middle';
  context.fillStyle = INK;
  context.font = `600 ${FONT.replace('12px', '14px')}`;
  context.fillText(shortened(context, title, full.width - 2 * MARGIN), MARGIN, MARGIN + 7);
  context.font = FONT;
  for (const { entry, text, x, row } of placed) {
    const y = top + height + 8 + (row + 0.5) * ROW;
    drawSample(context, entry.stroke, left + x, y);
    context.fillText(text, left + x + SAMPLE_WIDTH + 6, y);
  }
  context.fillStyle = PALE;
  context.textAlign = 'center';
  context.translate(MARGIN + AXIS_NAME / 2, top + height / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(shortened(context, yName, height), 0, 0);
  return canvas;
}

/** Where each entry of the legend goes: as many in a row as there is room for. */
function place(context: CanvasRenderingContext2D, legend: readonly LegendEntry[], width: number) {
  let [x, row] = [0, 0];
  return legend.map(entry => {
    const text = shortened(context, entry.text, width - SAMPLE_WIDTH - 6);
    const needed = SAMPLE_WIDTH + 6 + context.measureText(text).width;
    if (x > 0 && x + needed > width) [x, row] = [0, row + 1];
    const placed = { entry, text, x, row };
    x += needed + 16;
    return placed;
  });
}

/** A text, or as much of its beginning as there is room for. */
function shortened(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length--;
  return `${text.slice(0, length)}…`;
}
