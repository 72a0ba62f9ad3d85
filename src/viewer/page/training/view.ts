import 'uplot/dist/uPlot.min.css';
import { MAX_RUNS, type RunInfo, type RunMetrics, type TrainingStatus } from '../../protocol.ts';
import { make } from '../dom.ts';
import { Chart, type Line } from './chart.ts';
import { Curve } from './curve.ts';

const COLORS = ['#4c8dff', '#f5a524', '#30a46c', '#b07cf5', '#e5484d', '#27b8b0', '#e8c547', '#ee6fae'];
/** Panels in this order first; what is not named here follows as it comes. */
const ORDER = ['Success rate', 'Return', 'Episode length', 'Speed'];
/** More runs than this are not shown until they are chosen. */
const SHOWN_AT_FIRST = 6;

/** Curves of one or several runs, live or finished. */
export class TrainingView {
  private readonly choose: (runs: readonly string[]) => void;
  private readonly curves = new Map<string, Map<string, Curve>>();
  private readonly smoothed = new WeakMap<Curve, { length: number; window: number; curve: Curve }>();
  private readonly charts = new Map<string, Chart>();
  private readonly panels = make('div', { class: 'panels' });
  private readonly runs = make('div', { class: 'runs' });
  private readonly facts = make('div', { class: 'facts' });
  private readonly progress = make('progress', { max: 1, hidden: true });
  private readonly smoothing: HTMLInputElement;
  private infos: readonly RunInfo[] = [];
  private selected = new Set<string>();
  private range: readonly [number, number] | null = null;
  private due = false;

  /** @param choose tells the server whose metrics are wanted. */
  constructor(root: HTMLElement, choose: (runs: readonly string[]) => void) {
    this.choose = choose;
    this.smoothing = make('input', {
      type: 'range',
      id: 'smoothing',
      min: 0,
      max: 100,
      value: 0,
      oninput: () => this.redraw(),
    });
    root.append(
      this.progress,
      this.facts,
      make(
        'div',
        { class: 'tools' },
        make('label', {}, 'Smoothing', this.smoothing),
        make('button', { type: 'button', id: 'zoom-out', onclick: () => this.zoom(null) }, 'Show all'),
        make('span', {}, 'drag or wheel: zoom · Shift and drag: pan · double-click: all'),
      ),
      this.runs,
      this.panels,
    );
  }

  /** Takes the list of runs there are; ones not seen before are shown, as long as they are few. */
  list(infos: readonly RunInfo[]): void {
    const known = new Set(this.infos.map(info => info.name));
    for (const { name } of infos) if (!known.has(name) && this.selected.size < SHOWN_AT_FIRST) this.selected.add(name);
    this.infos = infos;
    this.runs.replaceChildren(
      ...infos.map(info => {
        const box = make('input', { type: 'checkbox', checked: this.selected.has(info.name) });
        box.addEventListener('change', () => {
          if (!box.checked) this.selected.delete(info.name);
          else if (this.selected.size < MAX_RUNS) this.selected.add(info.name);
          box.checked = this.selected.has(info.name);
          this.select();
        });
        const key = make('i');
        key.style.background = this.colorOf(info.name);
        const about = `${info.env}, ${info.algorithm}, seed ${info.seed}${info.finished ? '' : ', running'}`;
        return make('label', { title: about }, box, key, info.finished ? info.name : `${info.name} ●`);
      }),
    );
    this.select();
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

  /** Shows environment steps from … to; null: all. */
  zoom(range: readonly [number, number] | null): void {
    this.range = range;
    this.redraw();
  }

  /** The range shown now. */
  shown(): readonly [number, number] {
    return this.range ?? this.extent();
  }

  private select(): void {
    this.choose([...this.selected]);
    this.redraw();
  }

  private colorOf(run: string): string {
    const index = this.infos.findIndex(info => info.name === run);
    return COLORS[Math.max(0, index) % COLORS.length] as string; // Within the list by the remainder.
  }

  private extent(): readonly [number, number] {
    const curves = [...this.selected].flatMap(run => [...(this.curves.get(run)?.values() ?? [])]);
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
      chart.show(lines);
    }
    const wanted = [...panels.keys()].map(title => (this.charts.get(title) as Chart).root); // Made just above.
    // Moving an element would end a drag on it.
    if (wanted.some((root, i) => this.panels.children[i] !== root) || this.panels.children.length !== wanted.length)
      this.panels.replaceChildren(...wanted);
    for (const title of panels.keys()) this.charts.get(title)?.draw();
  }

  /** Lines by panel: a series named `Panel/what` belongs to that panel. */
  private panelLines(): Map<string, Line[]> {
    const panels = new Map<string, Line[]>();
    for (const run of this.selected)
      for (const [name, curve] of this.curves.get(run) ?? []) {
        const [panel = name, what = ''] = name.split('/');
        const lines = panels.get(panel) ?? [];
        panels.set(panel, lines);
        const label = [this.selected.size > 1 ? run : '', what].filter(Boolean).join(' · ') || run;
        const own = this.selected.size > 1 ? this.colorOf(run) : (COLORS[lines.length % COLORS.length] as string); // As above.
        // Of a run's two curves the evaluated one counts more.
        const color = what === 'training' && this.selected.size > 1 ? `${own}77` : own;
        lines.push({ label, color, curve: this.smooth(curve) });
      }
    const rank = (title: string) => (ORDER.includes(title) ? ORDER.indexOf(title) : ORDER.length);
    return new Map([...panels].sort(([a], [b]) => rank(a) - rank(b)));
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
