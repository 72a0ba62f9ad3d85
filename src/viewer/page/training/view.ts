import 'uplot/dist/uPlot.min.css';
import type { RunInfo, RunMetrics, TrainingStatus } from '../../protocol.ts';
import { make } from '../dom.ts';
import { Chart } from './chart.ts';
import { Curve } from './curve.ts';
import type { Line } from './line.ts';
import { RunList } from './run-list.ts';
import { strokeOf } from './stroke.ts';

/** Panels in this order first; what is not named here follows as it comes. */
const ORDER = ['Success rate', 'Return', 'Episode length', 'Speed'];
/** Nearer than this cannot be looked, environment steps. */
const NARROWEST = 10;

/** Curves of one or several runs, live or finished. */
export class TrainingView {
  private readonly choose: (runs: readonly string[]) => void;
  private readonly curves = new Map<string, Map<string, Curve>>();
  private readonly smoothed = new WeakMap<Curve, { length: number; window: number; curve: Curve }>();
  private readonly charts = new Map<string, Chart>();
  private readonly panels = make('div', { class: 'panels' });
  private readonly runs: RunList;
  private readonly facts = make('div', { class: 'facts' });
  private readonly progress = make('progress', { max: 1, hidden: true });
  private readonly smoothing: HTMLInputElement;
  private readonly nothing = make('p', { class: 'nothing', hidden: true });
  private readonly tools: HTMLElement;
  private range: readonly [number, number] | null = null;
  private due = false;

  /** @param choose tells the server whose metrics are wanted. */
  constructor(root: HTMLElement, choose: (runs: readonly string[]) => void) {
    this.choose = choose;
    this.runs = new RunList({
      change: () => this.select(),
      point: run => {
        for (const chart of this.charts.values()) chart.point(run);
      },
    });
    this.smoothing = make('input', {
      type: 'range',
      id: 'smoothing',
      min: 0,
      max: 100,
      value: 0,
      oninput: () => this.redraw(),
    });
    this.tools = make(
      'div',
      { class: 'tools' },
      make('label', {}, 'Smoothing', this.smoothing),
      make('button', { type: 'button', id: 'zoom-out', onclick: () => this.zoom(null) }, 'Show all'),
      make('span', { class: 'pale' }, 'drag or Ctrl + wheel: zoom · Shift + drag: pan · double-click: all'),
    );
    root.append(this.progress, this.facts, this.runs.root, this.tools, this.nothing, this.panels);
  }

  /** Takes the list of runs there are. */
  list(infos: readonly RunInfo[]): void {
    this.runs.take(infos);
  }

  add({ run, reset, series }: RunMetrics): void {
    let mine = this.curves.get(run);
    if (mine === undefined || reset) {
      mine = new Map();
      this.curves.set(run, mine);
    }
    for (const [name, { steps, values }] of Object.entries(series)) {
      let curve = mine.get(name);
      if (curve === undefined) {
        curve = new Curve();
        mine.set(name, curve);
      }
      curve.append(steps, values);
    }
    this.redraw();
  }

  status({ rows, done }: TrainingStatus): void {
    this.progress.hidden = false;
    this.progress.value = done;
    this.facts.replaceChildren(
      ...rows.map(([name, value]) => make('div', { class: 'fact' }, make('span', {}, name), value)),
    );
  }

  /** Shows environment steps from … to, as far as there are any; null: all. */
  zoom(range: readonly [number, number] | null): void {
    this.range = range === null ? null : within(range, this.extent());
    this.redraw();
  }

  /** The range shown now. */
  shown(): readonly [number, number] {
    return this.range ?? this.extent();
  }

  private select(): void {
    this.choose(this.runs.shown);
    this.zoom(this.range);
  }

  private extent(): readonly [number, number] {
    const curves = this.runs.shown.flatMap(run => [...(this.curves.get(run)?.values() ?? [])]);
    const ends = curves.filter(curve => curve.length > 0);
    if (ends.length === 0) return [0, 1];
    const low = Math.min(...ends.map(curve => curve.first));
    const high = Math.max(...ends.map(curve => curve.last));
    return [Math.min(0, low), Math.max(low + 1, high)];
  }

  /** Draws once for all that changes before the next picture. */
  private redraw(): void {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.drawAll();
    });
  }

  private drawAll(): void {
    const panels = this.panelLines();
    const handlers = { zoom: (range: readonly [number, number] | null) => this.zoom(range), range: () => this.shown() };
    for (const [title, lines] of panels) {
      let chart = this.charts.get(title);
      if (chart === undefined) {
        chart = new Chart(title, handlers);
        this.charts.set(title, chart);
      }
      chart.take(lines);
    }
    const wanted = [...panels.keys()].map(title => (this.charts.get(title) as Chart).root); // Made just above.
    // Moving an element would end a drag on it.
    if (wanted.some((root, i) => this.panels.children[i] !== root) || this.panels.children.length !== wanted.length)
      this.panels.replaceChildren(...wanted);
    for (const title of panels.keys()) this.charts.get(title)?.draw();
    this.explain(wanted.length === 0);
  }

  /** Says why there is no chart. */
  private explain(empty: boolean): void {
    this.tools.hidden = empty;
    this.nothing.hidden = !empty;
    this.nothing.textContent = this.runs.empty
      ? 'There are no runs in this folder yet. They appear here as they begin.'
      : this.runs.shown.length === 0
        ? 'No run is chosen: tick one in the list.'
        : 'Waiting for the first measurements …';
  }

  /** Lines by panel: a series named `Panel/what` belongs to that panel. */
  private panelLines(): Map<string, Line[]> {
    const series = this.runs.shown.flatMap(run =>
      [...(this.curves.get(run) ?? [])].map(([name, curve]) => {
        const [panel = name, kind = ''] = name.split('/');
        return { run, panel, kind, curve };
      }),
    );
    const alone = this.runs.shown.length === 1;
    const rank = (title: string) => (ORDER.includes(title) ? ORDER.indexOf(title) : ORDER.length);
    const titles = [...new Set(series.map(({ panel }) => panel))].sort((a, b) => rank(a) - rank(b));
    return new Map(
      titles.map(title => {
        const mine = series.filter(({ panel }) => panel === title);
        // In one order, whichever run brings them first.
        const kinds = [...new Set(mine.map(({ kind }) => kind))].sort();
        const lines = mine.map(({ run, kind, curve }) => {
          return { run, kind, curve: this.smooth(curve), stroke: strokeOf(kind, kinds, this.runs.colorOf(run), alone) };
        });
        return [title, lines.sort((a, b) => kinds.indexOf(b.kind) - kinds.indexOf(a.kind))];
      }),
    );
  }

  private smooth(curve: Curve): Curve {
    // The slider goes up to averaging over a tenth of the curve.
    const share = Number(this.smoothing.value) / 100;
    const window = share === 0 ? 1 : Math.max(1, share ** 2 * 0.1 * curve.length);
    if (window <= 1) return curve;
    const made = this.smoothed.get(curve);
    if (made?.length === curve.length && made.window === window) return made.curve;
    const result = curve.smoothed(window);
    this.smoothed.set(curve, { length: curve.length, window, curve: result });
    return result;
  }
}

/** The range of that width that lies within all there is; null where that is all of it. */
function within([low, high]: readonly [number, number], [first, last]: readonly [number, number]) {
  const width = Math.max(NARROWEST, high - low);
  if (!(width < last - first)) return null;
  const middle = (low + high) / 2;
  const start = Math.max(first, Math.min(last - width, middle - width / 2));
  return [start, start + width] as const;
}
