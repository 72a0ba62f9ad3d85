import uPlot from 'uplot';
import { letGo, make } from '../dom.ts';
import { type Line, short } from './line.ts';
import { chartPicture } from './picture.ts';
import { drawSample, type LegendEntry, SAMPLE_WIDTH } from './stroke.ts';
import { Tooltip } from './tooltip.ts';

export interface RangeHandlers {
  /** Environment steps from … to; null shows everything. */
  zoom(range: readonly [number, number] | null): void;
  range(): readonly [number, number];
}

const HEIGHT = 226;
const PALE = '#a9afba';
const AXIS: uPlot.Axis = {
  stroke: PALE,
  grid: { stroke: 'rgb(255 255 255 / 7%)', width: 1 },
  ticks: { stroke: '#3a3f4b' },
  values: (_, ticks) => ticks.map(short),
};
/** Opacity of the lines beside the one that is pointed at. */
const FADED = 0.15;

/**
 * One panel: a metric of one or several runs. Drag or turn the wheel with Ctrl or Shift to zoom, drag with Shift to pan,
 * double-click for all.
 */
export class Chart {
  readonly root: HTMLElement;
  private readonly title: string;
  private readonly handlers: RangeHandlers;
  private readonly kinds = make('div', { class: 'kinds' });
  private readonly place = make('div', { class: 'place' });
  private readonly tooltip = new Tooltip();
  private plot: uPlot | null = null;
  private lines: readonly Line[] = [];
  private pointed: string | null = null;

  constructor(title: string, handlers: RangeHandlers) {
    this.title = title;
    this.handlers = handlers;
    const save = make('button', { type: 'button', title: 'Download this chart as PNG' }, 'PNG');
    save.addEventListener('click', () => {
      this.save();
      letGo(save);
    });
    this.root = make('div', { class: 'panel' }, make('h3', {}, title, save), this.kinds, this.place);
    this.place.addEventListener('wheel', event => this.wheel(event), { passive: false });
    this.place.addEventListener('mousedown', event => this.pan(event), { capture: true });
    this.place.addEventListener('dblclick', () => this.handlers.zoom(null));
    this.place.addEventListener('mousemove', event => this.tell(event));
    this.place.addEventListener('mouseleave', () => {
      this.tooltip.hide();
      this.point(null);
    });
    new ResizeObserver(() => this.resize()).observe(this.root);
  }

  /** Takes the lines that {@link draw} draws. */
  take(lines: readonly Line[]): void {
    const drawnAs = ({ run, kind, stroke }: Line) => JSON.stringify([run, kind, stroke]);
    const before = this.lines.map(drawnAs);
    this.lines = lines;
    if (this.plot === null || lines.length !== before.length || lines.some((line, i) => drawnAs(line) !== before[i]))
      this.build();
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

  /** Lets a run stand out; null: all are alike. */
  point(run: string | null): void {
    const { plot } = this;
    if (run === this.pointed) return;
    this.pointed = run;
    if (plot === null) return;
    for (const [i, line] of this.lines.entries()) (plot.series[i + 1] as uPlot.Series).alpha = this.alphaOf(line);
    plot.redraw(false);
  }

  private get width(): number {
    return this.place.clientWidth;
  }

  private alphaOf({ run, stroke }: Line): number {
    const stands = this.pointed === null || this.pointed === run || this.lines.every(line => line.run !== this.pointed);
    return stroke.alpha * (stands ? 1 : FADED);
  }

  private build(): void {
    this.plot?.destroy();
    this.plot = new uPlot(
      {
        width: Math.max(200, this.width),
        height: HEIGHT,
        padding: [8, 12, 0, 0],
        scales: { x: { time: false }, y: { auto: true } },
        axes: [
          { ...AXIS, size: 30, label: 'environment steps', labelSize: 16, labelGap: 0, labelFont: '11px system-ui' },
          { ...AXIS, size: 54 },
        ],
        cursor: {
          ...{ y: false, points: { show: false } },
          ...{ drag: { x: true, y: false, setScale: false }, sync: { key: 'training' } },
        },
        legend: { show: false },
        series: [
          {},
          ...this.lines.map(line => ({
            stroke: line.stroke.color,
            width: line.stroke.width,
            dash: [...line.stroke.dash],
            alpha: this.alphaOf(line),
            spanGaps: true,
            points: { show: false },
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
    this.place.append(this.tooltip.root);
    this.kinds.replaceChildren(...this.kindsLegend().map(showEntry));
  }

  private wheel(event: WheelEvent): void {
    const { plot } = this;
    // Without a key it scrolls the page, as everywhere.
    if (plot === null || !(event.ctrlKey || event.metaKey || event.shiftKey)) return;
    event.preventDefault();
    const [min, max] = this.handlers.range();
    const at = plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, 'x');
    // With Shift browsers take the wheel for a sideways one.
    const turned = event.deltaY || event.deltaX;
    const factor = Math.exp(Math.max(-1, Math.min(1, turned / 300)));
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

  /** Tells the values under the pointer, and lets the run it is at stand out. */
  private tell(event: MouseEvent): void {
    const { plot } = this;
    if (plot === null) return;
    const bounds = plot.over.getBoundingClientRect();
    const [left, top] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const inside = left >= 0 && top >= 0 && left <= bounds.width && top <= bounds.height;
    const line = inside ? this.tooltip.show(plot, this.lines, left, top) : null;
    if (!inside) this.tooltip.hide();
    this.point(line?.run ?? null);
  }

  private resize(): void {
    if (this.width > 0 && this.plot !== null && Math.abs(this.plot.width - this.width) > 2) {
      this.plot.setSize({ width: this.width, height: HEIGHT });
      this.draw();
    }
  }

  /** One entry for each kind of lines, where there are several. */
  private kindsLegend(): LegendEntry[] {
    const kinds = new Map(this.lines.map(line => [line.kind, line]));
    if (kinds.size < 2) return [];
    const alone = this.runs.length === 1;
    // Colours are the runs' where there are several.
    return [...kinds]
      .reverse()
      .map(([text, { stroke }]) => ({ text, stroke: alone ? stroke : { ...stroke, color: '#d3d7de' } }));
  }

  private get runs(): readonly string[] {
    return [...new Set(this.lines.map(line => line.run))];
  }

  private save(): void {
    const { plot, runs } = this;
    if (plot === null) return;
    const runsLegend = runs.map((text): LegendEntry => {
      const { color } = (this.lines.find(line => line.run === text) as Line).stroke; // Runs are the lines' own.
      return { text, stroke: { color, width: 3, dash: [], alpha: 1 } };
    });
    const picture = chartPicture({
      ...{ plot: plot.ctx.canvas, width: plot.width, height: plot.height, yName: this.title },
      title: runs.length === 1 ? `${this.title} · ${runs[0]}` : this.title,
      legend: [...this.kindsLegend(), ...(runs.length > 1 ? runsLegend : [])],
    });
    const name = `${this.title.replace(/[^a-z0-9]+/gi, '-')}.png`;
    make('a', { href: picture.toDataURL('image/png'), download: name }).click();
  }
}

function showEntry({ text, stroke }: LegendEntry): HTMLElement {
  // Twice as fine as CSS pixels, for displays that are.
  const sample = make('canvas', { width: 2 * SAMPLE_WIDTH, height: 16 });
  const context = sample.getContext('2d');
  context?.scale(2, 2);
  if (context !== null) drawSample(context, stroke, 0, 4);
  return make('span', {}, sample, text);
}
