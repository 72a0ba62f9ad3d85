import uPlot from 'uplot';
import { make } from '../dom.ts';
import type { Curve } from './curve.ts';

/** One line of a chart. */
export interface Line {
  readonly label: string;
  readonly color: string;
  readonly curve: Curve;
}

export interface RangeHandlers {
  /** Environment steps from … to; null shows everything. */
  zoom(range: readonly [number, number] | null): void;
  range(): readonly [number, number];
}

const HEIGHT = 220;
const AXIS = { stroke: '#a9afba', grid: { stroke: 'rgb(255 255 255 / 7%)', width: 1 }, ticks: { stroke: '#3a3f4b' } };

/** One panel: a metric of one or several runs. Drag to zoom, wheel to zoom, Shift and drag to pan, double-click for all. */
export class Chart {
  readonly root: HTMLElement;
  private readonly title: string;
  private readonly handlers: RangeHandlers;
  private readonly place = make('div');
  private plot: uPlot | null = null;
  private lines: readonly Line[] = [];

  constructor(title: string, handlers: RangeHandlers) {
    this.title = title;
    this.handlers = handlers;
    const save = make(
      'button',
      { type: 'button', title: 'Download this chart as PNG', onclick: () => this.save() },
      'PNG',
    );
    this.root = make('div', { class: 'panel' }, make('h3', {}, title, save), this.place);
    this.place.addEventListener('wheel', event => this.wheel(event), { passive: false });
    this.place.addEventListener('mousedown', event => this.pan(event), { capture: true });
    this.place.addEventListener('dblclick', () => this.handlers.zoom(null));
    new ResizeObserver(() => this.resize()).observe(this.root);
  }

  show(lines: readonly Line[]): void {
    const same = lines.length === this.lines.length && lines.every((line, i) => line.label === this.lines[i]?.label);
    this.lines = lines;
    if (!same || this.plot === null) this.build();
    this.draw();
  }

  /** Draws what is seen of the lines within the range of the moment. */
  draw(): void {
    const { plot } = this;
    if (plot === null || this.width === 0) return;
    const [min, max] = this.handlers.range();
    const columns = Math.max(100, Math.floor(this.width));
    const tables = this.lines.map(({ curve }): uPlot.AlignedData => {
      const { x, y } = curve.visible(min, max, columns);
      return [x, y];
    });
    plot.batch(() => {
      plot.setData(
        tables.length === 0 ? [[]] : tables.length === 1 ? (tables[0] as uPlot.AlignedData) : uPlot.join(tables),
        false,
      );
      plot.setScale('x', { min, max });
    });
  }

  private get width(): number {
    return this.place.clientWidth;
  }

  private build(): void {
    this.plot?.destroy();
    this.plot = new uPlot(
      {
        width: Math.max(200, this.width),
        height: HEIGHT,
        scales: { x: { time: false }, y: { auto: true } },
        axes: [
          { ...AXIS, size: 32, values: (_, ticks) => ticks.map(short) },
          { ...AXIS, size: 54, values: (_, ticks) => ticks.map(short) },
        ],
        cursor: { drag: { x: true, y: false, setScale: false }, sync: { key: 'training' } },
        legend: { show: this.lines.length > 0, live: true },
        series: [
          { label: 'steps', value: (_, x) => (x === null ? '–' : String(Math.round(x))) },
          ...this.lines.map(({ label, color }) => ({
            label,
            stroke: color,
            width: 1.6,
            spanGaps: true,
            points: { show: false },
            value: (_: uPlot, y: number | null) => (y === null ? '–' : short(y)),
          })),
        ],
        hooks: {
          setSelect: [
            plot => {
              const { left, width } = plot.select;
              if (width < 4) return;
              this.handlers.zoom([plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]);
              plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
        },
      },
      [[]],
      this.place,
    );
  }

  private wheel(event: WheelEvent): void {
    const { plot } = this;
    if (plot === null) return;
    event.preventDefault();
    const [min, max] = this.handlers.range();
    const at = plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, 'x');
    const factor = Math.exp(Math.max(-1, Math.min(1, event.deltaY / 300)));
    this.handlers.zoom([at - (at - min) * factor, at + (max - at) * factor]);
  }

  private pan(event: MouseEvent): void {
    const { plot } = this;
    if (plot === null || !event.shiftKey) return;
    event.stopPropagation();
    event.preventDefault();
    const [min, max] = this.handlers.range();
    const perPixel = (max - min) / plot.over.clientWidth;
    const move = (moved: MouseEvent) => {
      const shift = (event.clientX - moved.clientX) * perPixel;
      this.handlers.zoom([min + shift, max + shift]);
    };
    const release = () => window.removeEventListener('mousemove', move);
    window.addEventListener('mousemove', move);
    window.addEventListener('mouseup', release, { once: true });
  }

  private resize(): void {
    if (this.width > 0 && this.plot !== null && Math.abs(this.plot.width - this.width) > 2) {
      this.plot.setSize({ width: this.width, height: HEIGHT });
      this.draw();
    }
  }

  private save(): void {
    const source = this.plot?.ctx.canvas;
    if (source === undefined) return;
    // Its own canvas has no ground: on a white page the labels would not be seen.
    const canvas = make('canvas', { width: source.width, height: source.height });
    const context = canvas.getContext('2d');
    if (context === null) return;
    context.fillStyle = '#1b1e25';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(source, 0, 0);
    const name = `${this.title.replace(/[^a-z0-9]+/gi, '-')}.png`;
    make('a', { href: canvas.toDataURL('image/png'), download: name }).click();
  }
}

/** `12k`, `0.25` */
function short(value: number): string {
  const size = Math.abs(value);
  const digits = (scaled: number) => String(Number(scaled.toPrecision(4)));
  return size >= 1e6 ? `${digits(value / 1e6)}M` : size >= 1e4 ? `${digits(value / 1e3)}k` : digits(value);
}
