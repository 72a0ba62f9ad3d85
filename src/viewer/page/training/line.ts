import type { Curve } from './curve.ts';
import type { Stroke } from './stroke.ts';

/** One line of a chart. */
export interface Line {
  readonly run: string;
  /** What of the run is shown: `evaluation`; empty where a chart has one kind of lines only. */
  readonly kind: string;
  readonly stroke: Stroke;
  readonly curve: Curve;
}

/** What tells a line from the others: its run, its kind, or both. */
export function labelOf(line: Line, lines: readonly Line[]): string {
  const alone = lines.every(({ run }) => run === line.run);
  return [alone && line.kind !== '' ? '' : line.run, line.kind].filter(Boolean).join(' · ');
}

/** `12k`, `0.25` */
export function short(value: number): string {
  const size = Math.abs(value);
  const digits = (scaled: number) => String(Number(scaled.toPrecision(4)));
  return size >= 1e6 ? `${digits(value / 1e6)}M` : size >= 1e4 ? `${digits(value / 1e3)}k` : digits(value);
}
