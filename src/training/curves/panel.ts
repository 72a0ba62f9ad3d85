import { formatTick, linearScale, niceTicks, robustRange } from './axis.ts';
import { element, linePath, text } from './svg.ts';

export type Point = readonly [x: number, y: number];

/** One curve; with `band`, an interval around it. */
export interface Series {
  readonly label: string;
  readonly color: string;
  readonly points: readonly Point[];
  /** Lower and upper end at every point. */
  readonly band?: readonly (readonly [number, number])[];
  /** A thin pale line in the background, dots on a firm one, just the firm one, or a broken one for comparison. */
  readonly style?: 'faint' | 'dots' | 'line' | 'dashed';
  /** Strokes and gaps of the line, pixels, where its colour is another's too. */
  readonly dashes?: string | undefined;
}

/** A point that stands out, with its value beside it. */
export interface Mark {
  readonly point: Point;
  readonly label: string;
  readonly color: string;
}

export interface Panel {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Environment steps shown. */
  readonly xRange: readonly [number, number];
  /** By default from the values, the most extreme left out. */
  readonly yRange?: readonly [number, number];
  /** Where the grid is; round numbers by default. */
  readonly yTicks?: readonly number[];
  readonly formatY?: (value: number) => string;
  readonly series: readonly Series[];
  readonly mark?: Mark;
  /** Whether its curves are compared with each other: then each is in range, and the picture's legend names them. */
  readonly compares: boolean;
}

export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const INK = '#1f2937';
export const PALE_INK = '#6b7280';
const GRID = '#e5e7eb';
const MARGIN = { left: 66, right: 18, top: 56, bottom: 46 };
/** More points than this on a curve show no more. */
const MAX_POINTS = 600;

/** What a legend says of a curve. */
export type LegendEntry = Pick<Series, 'label' | 'color' | 'style' | 'dashes'>;

/** One chart with axes, grid, curves and legend. */
export function drawPanel(panel: Panel, frame: Frame): string {
  const left = frame.x + MARGIN.left;
  const right = frame.x + frame.width - MARGIN.right;
  const shown = panel.series.filter(series => series.points.length > 0);
  const legend = panel.compares ? [] : shown;
  const top = frame.y + MARGIN.top + extraLegendHeight(legend, right - left);
  const bottom = frame.y + frame.height - MARGIN.bottom;
  const x = linearScale(panel.xRange, [left, right]);
  const values = shown.map(series => series.points.map(point => point[1]));
  // Taken together, the points of a long curve would make extremes of all that a short one has.
  const yRange = panel.yRange ?? robustRange(...(panel.compares ? values : [values.flat()]));
  const y = linearScale(yRange, [bottom, top]);
  const format = panel.formatY ?? formatTick;
  const grid = (panel.yTicks ?? niceTicks(yRange, 5)).map(
    value =>
      element('line', { x1: left, x2: right, y1: y.toPixel(value), y2: y.toPixel(value), stroke: GRID }) +
      text(left - 8, y.toPixel(value) + 4, format(value), { 'text-anchor': 'end', fill: PALE_INK, 'font-size': 12 }),
  );
  const xTicks = niceTicks(panel.xRange, 6).map(
    value =>
      element('line', { x1: x.toPixel(value), x2: x.toPixel(value), y1: bottom, y2: bottom + 5, stroke: PALE_INK }) +
      text(x.toPixel(value), bottom + 19, formatTick(value), {
        'text-anchor': 'middle',
        fill: PALE_INK,
        'font-size': 12,
      }),
  );
  const clip = `clip-${Math.round(frame.x)}-${Math.round(frame.y)}`;
  const curves = shown.map(series => drawSeries(series, x.toPixel, y.toPixel));
  const middle = (left + right) / 2;
  const yMiddle = (top + bottom) / 2;
  return [
    element(
      'clipPath',
      { id: clip },
      element('rect', { x: left, y: top - 6, width: right - left + 6, height: bottom - top + 8 }),
    ),
    text(left, frame.y + 20, panel.title, { fill: INK, 'font-size': 16, 'font-weight': 600 }),
    drawLegend(legend, left, frame.y + 40, right - left),
    ...grid,
    ...xTicks,
    element('line', { x1: left, x2: right, y1: bottom, y2: bottom, stroke: PALE_INK }),
    text(middle, bottom + 38, panel.xLabel, { 'text-anchor': 'middle', fill: INK, 'font-size': 13 }),
    text(0, 0, panel.yLabel, {
      transform: `translate(${frame.x + 16} ${yMiddle}) rotate(-90)`,
      'text-anchor': 'middle',
      fill: INK,
      'font-size': 13,
    }),
    shown.length === 0
      ? text(middle, yMiddle, 'nothing was recorded', { 'text-anchor': 'middle', fill: PALE_INK })
      : '',
    element('g', { 'clip-path': `url(#${clip})`, fill: 'none' }, curves.join('')),
    panel.mark === undefined ? '' : drawMark(panel.mark, x.toPixel, y.toPixel, right),
  ].join('\n');
}

type ToPixel = (value: number) => number;

function dashesOf({ style, dashes }: LegendEntry): string | undefined {
  return style === 'dashed' ? '7 5' : dashes;
}

function drawSeries(series: Series, x: ToPixel, y: ToPixel): string {
  const { points, band, color, style = 'line', dashes } = series;
  const every = Math.max(1, Math.ceil(points.length / MAX_POINTS));
  const kept = points.map((_, i) => i).filter(i => i % every === 0 || i === points.length - 1);
  const line = kept.map(i => points[i] as Point).map(([px, py]) => [x(px), y(py)] as const);
  const parts: string[] = [];
  if (band !== undefined) {
    const edge = (side: 0 | 1) => kept.map(i => [x((points[i] as Point)[0]), y((band[i] as Point)[side])] as const);
    const outline = linePath([...edge(1), ...edge(0).reverse()]);
    parts.push(element('path', { d: `${outline}Z`, fill: color, 'fill-opacity': 0.16 }));
  }
  parts.push(
    element('path', {
      d: linePath(line),
      stroke: color,
      'stroke-width': style === 'faint' ? 1.3 : 2.2,
      'stroke-opacity': style === 'faint' ? 0.55 : undefined,
      'stroke-dasharray': dashesOf(series),
      'stroke-linejoin': 'round',
      // Round ends would close short gaps.
      'stroke-linecap': dashes === undefined ? 'round' : 'butt',
    }),
  );
  // Dots that would touch say nothing.
  if ((style === 'dots' && line.length <= 60) || line.length === 1)
    for (const [px, py] of line) parts.push(element('circle', { cx: px, cy: py, r: 3, fill: color }));
  return parts.join('');
}

function drawMark({ point, label, color }: Mark, x: ToPixel, y: ToPixel, right: number): string {
  const [px, py] = [x(point[0]), y(point[1])];
  const atRight = px > right - 140;
  return (
    element('circle', { cx: px, cy: py, r: 5.5, fill: '#ffffff', stroke: color, 'stroke-width': 2.5 }) +
    text(atRight ? px - 11 : px + 11, py + 20, label, {
      'text-anchor': atRight ? 'end' : 'start',
      fill: INK,
      'font-size': 13,
      'font-weight': 600,
      // A white seam keeps the words readable over the curves.
      stroke: '#ffffff',
      'stroke-width': 4,
      'paint-order': 'stroke',
    })
  );
}

/** Labels beside a piece of their lines, in as many rows as the width (pixels) asks for; `y` is the first row's. */
export function drawLegend(entries: readonly LegendEntry[], x: number, y: number, width: number): string {
  const places = placeEntries(entries, width);
  return entries
    .map((entry, i) => {
      const { label, color, style } = entry;
      const [right, down] = places[i] as Point; // Every entry has its place.
      const [left, baseline] = [x + right, y + down];
      const key = element('line', {
        x1: left,
        x2: left + 20,
        y1: baseline - 4,
        y2: baseline - 4,
        stroke: color,
        'stroke-width': style === 'faint' ? 1.5 : 3,
        'stroke-opacity': style === 'faint' ? 0.6 : undefined,
        'stroke-dasharray': dashesOf(entry),
      });
      return key + text(left + 26, baseline, label, { fill: INK, 'font-size': 12.5 });
    })
    .join('');
}

/** What a legend of more than one row is higher than one of one row, pixels. */
export function extraLegendHeight(entries: readonly LegendEntry[], width: number): number {
  return Math.max(0, ...placeEntries(entries, width).map(([, down]) => down));
}

/** Where each entry is, pixels right and down from the first: in one row where they fit, otherwise in columns. */
function placeEntries(entries: readonly LegendEntry[], width: number): Point[] {
  // No font is at hand to measure with; 6.6 pixels a letter is roomy at this size.
  const widths = entries.map(({ label }) => 26 + label.length * 6.6 + 18);
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  if (sum(widths) - 18 <= width) return widths.map((_, i) => [sum(widths.slice(0, i)), 0]);
  const column = Math.max(...widths);
  const columns = Math.max(1, Math.floor((width + 18) / column));
  return entries.map((_, i) => [(i % columns) * column, Math.floor(i / columns) * 20]);
}
