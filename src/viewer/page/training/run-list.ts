import { MAX_RUNS, type RunInfo } from '../../protocol.ts';
import { letGo, make } from '../dom.ts';
import { RunColors } from './run-colors.ts';

/** Until somebody chooses, so many of the latest runs are shown. */
const SHOWN_AT_FIRST = 6;
/** With more runs than this, they can be looked for by name. */
const SURVEYED = 10;

export interface RunListHandlers {
  /** Other runs are shown now. */
  change(): void;
  /** Somebody points at a run; null: no longer. */
  point(run: string | null): void;
}

interface Row {
  readonly root: HTMLElement;
  readonly box: HTMLInputElement;
  readonly swatch: HTMLElement;
  readonly text: HTMLElement;
}

/** Which runs there are, which of them are shown, and in what colour: the legend of all charts. */
export class RunList {
  readonly root: HTMLElement;
  private readonly handlers: RunListHandlers;
  private readonly colors = new RunColors();
  private readonly rows = new Map<string, Row>();
  private readonly list = make('div', { class: 'runs' });
  private readonly count = make('span');
  private readonly filter: HTMLInputElement;
  private readonly tools: HTMLElement;
  private infos: readonly RunInfo[] = [];
  private chosen = new Set<string>();
  /** Whether somebody has chosen. */
  private touched = false;

  constructor(handlers: RunListHandlers) {
    this.handlers = handlers;
    this.filter = make('input', {
      type: 'search',
      id: 'run-filter',
      placeholder: 'filter by name',
      oninput: () => this.refresh(),
    });
    this.tools = make(
      'div',
      { class: 'tools' },
      this.count,
      this.filter,
      this.button('runs-all', 'All', `Show all runs of the list, ${MAX_RUNS} at most`, true),
      this.button('runs-none', 'None', 'Show no run of the list', false),
    );
    this.root = make('div', {}, this.tools, this.list);
  }

  /** Takes the runs there are, the latest at the end; it is shown at the beginning of the list. */
  take(infos: readonly RunInfo[]): void {
    const known = new Set(this.infos.map(info => info.name));
    this.infos = infos;
    const names = infos.map(info => info.name);
    if (!this.touched) this.chosen = new Set(names.slice(-SHOWN_AT_FIRST));
    else for (const name of names) if (!known.has(name) && this.shown.length < SHOWN_AT_FIRST) this.chosen.add(name);
    const roots = infos.map(info => this.rowOf(info).root).reverse();
    // Moving what has the focus would take it away.
    if (roots.length !== this.list.children.length || roots.some((root, i) => this.list.children[i] !== root))
      this.list.replaceChildren(...roots);
    this.changed();
  }

  get empty(): boolean {
    return this.infos.length === 0;
  }

  /** Names of the runs that are shown. */
  get shown(): readonly string[] {
    return this.infos.map(info => info.name).filter(name => this.chosen.has(name));
  }

  colorOf(run: string): string {
    return this.colors.of(run);
  }

  private button(id: string, text: string, title: string, on: boolean): HTMLButtonElement {
    const button = make('button', { type: 'button', id, title }, text);
    button.addEventListener('click', () => {
      this.choose(this.listed().reverse(), on);
      letGo(button);
    });
    return button;
  }

  /** Names of the runs that the filter leaves in the list. */
  private listed(): string[] {
    const wanted = this.filter.value.trim().toLowerCase();
    return this.infos.map(info => info.name).filter(name => name.toLowerCase().includes(wanted));
  }

  private choose(runs: readonly string[], on: boolean): void {
    this.touched = true;
    for (const run of runs)
      if (!on) this.chosen.delete(run);
      else if (this.shown.length < MAX_RUNS) this.chosen.add(run);
    this.changed();
  }

  private changed(): void {
    this.refresh();
    this.handlers.change();
  }

  private refresh(): void {
    const { shown } = this;
    const listed = new Set(this.listed());
    const full = shown.length >= MAX_RUNS;
    this.tools.hidden = this.infos.length < 2;
    this.filter.hidden = this.infos.length <= SURVEYED;
    const most = full && this.infos.length > MAX_RUNS ? ', the most at once' : '';
    this.count.textContent = `${shown.length} of ${this.infos.length} runs shown${most}`;
    for (const { name, finished } of this.infos) {
      const row = this.rows.get(name);
      if (row === undefined) continue;
      row.root.hidden = !listed.has(name);
      row.box.checked = this.chosen.has(name);
      row.box.disabled = full && !row.box.checked;
      row.swatch.style.background = row.box.checked ? this.colorOf(name) : '';
      row.text.textContent = finished ? name : `${name} ●`;
    }
  }

  private rowOf({ name, env, algorithm, seed, finished }: RunInfo): Row {
    let row = this.rows.get(name);
    if (row === undefined) {
      const box = make('input', { type: 'checkbox' });
      box.addEventListener('change', () => this.choose([name], box.checked));
      const [swatch, text] = [make('i'), make('span')];
      const root = make(
        'label',
        { onmouseenter: () => this.handlers.point(name), onmouseleave: () => this.handlers.point(null) },
        ...[box, swatch, text],
      );
      row = { root, box, swatch, text };
      this.rows.set(name, row);
    }
    row.root.title = `${name}\n${env}, ${algorithm}, seed ${seed}${finished ? '' : ', running'}`;
    return row;
  }
}
