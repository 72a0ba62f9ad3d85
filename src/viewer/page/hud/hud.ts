import type { EpisodeStatus, Hello } from '../../protocol.ts';
import { formatCount, letGo, make } from '../dom.ts';
import { Bars } from './bars.ts';

const signed = (value: number, digits = 2) => `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(digits)}`;

/** What the episode under way is at: beside the picture, as numbers and bars. */
export class Hud {
  private readonly root: HTMLElement;
  private readonly cells = new Map<string, HTMLElement>();
  private readonly badge = make('span', { class: 'badge' });
  private readonly actions = new Bars(value => signed(value));
  private readonly joints = new Bars(value => `${signed((value * 180) / Math.PI, 0)}°`);
  private readonly gripper = new Bars(value => `${(1000 * value).toFixed(0)} mm`);
  private readonly deviation = new Bars(value => value.toFixed(2));
  private readonly deviationTitle = make('h2', {}, 'Policy deviation');
  private readonly fold = make('button', { type: 'button', title: 'More or less of the episode' });
  private readonly details: HTMLElement;
  private hello: Hello | null = null;

  constructor(root: HTMLElement) {
    this.root = root;
    const rows = ['episode', 'seed', 'step', 'reward', 'return', 'Q-value', 'successes'].map(name => {
      const cell = make('output');
      this.cells.set(name, cell);
      return make('div', { class: 'row', id: `hud-${name}` }, make('span', {}, name), cell);
    });
    this.details = make(
      'div',
      { id: 'details' },
      ...rows,
      make('h2', {}, 'Action'),
      this.actions.root,
      this.deviationTitle,
      this.deviation.root,
      make('h2', {}, 'Joints'),
      this.joints.root,
      make('h2', {}, 'Gripper'),
      this.gripper.root,
    );
    root.append(make('div', { class: 'headline' }, make('h2', {}, 'Episode'), this.badge, this.fold), this.details);
    this.fold.addEventListener('click', () => {
      this.unfold(this.details.hidden !== false);
      letGo(this.fold);
    });
    // In a narrow window it would hide the picture.
    this.unfold(!matchMedia('(max-width: 560px)').matches);
  }

  greet(hello: Hello): void {
    this.hello = hello;
  }

  /** Says that what is shown is the last of an episode that no longer goes on. */
  halt(text: string): void {
    if (this.badge.dataset.state === 'success' || this.badge.dataset.state === 'failure') return;
    this.badge.dataset.state = 'paused';
    this.badge.textContent = text;
  }

  show(status: EpisodeStatus): void {
    this.root.hidden = false;
    const set = (name: string, text: string) => {
      const cell = this.cells.get(name);
      if (cell !== undefined) cell.textContent = text;
    };
    set('episode', status.total === null ? String(status.number) : `${status.number} of ${status.total}`);
    set('seed', String(status.seed));
    set('step', String(status.step));
    set('reward', signed(status.reward, 3));
    set('return', signed(status.return));
    set('Q-value', status.value === null ? '–' : signed(status.value));
    set('successes', `${formatCount(status.successes)} of ${formatCount(status.finished)}`);
    const [state, text] = this.stateOf(status);
    this.badge.dataset.state = state;
    this.badge.textContent = text;
    const { action, joints, opening, deviation } = status;
    this.actions.show(this.hello?.actionNames ?? [], action, []);
    this.deviationTitle.hidden = deviation === null;
    const widest = Math.max(0.5, ...(deviation ?? []));
    this.deviation.show(
      this.hello?.actionNames ?? [],
      deviation ?? [],
      (deviation ?? []).map(() => [0, widest]),
    );
    this.joints.show(
      joints.map((_, i) => `joint ${i + 1}`),
      joints,
      this.hello?.jointLimits ?? [],
    );
    this.gripper.show(['opening'], [opening], [[0, 0.08]]);
  }

  private unfold(open: boolean): void {
    this.details.hidden = !open;
    this.fold.textContent = open ? '▴' : '▾';
    this.fold.ariaExpanded = String(open);
  }

  private stateOf(status: EpisodeStatus): [state: string, text: string] {
    if (status.success) return ['success', 'success'];
    if (status.over) return ['failure', 'failure'];
    if (status.driver === 'person') return ['person', status.waiting ? 'your move' : 'you drive'];
    return status.paused ? ['paused', 'paused'] : ['running', 'running'];
  }
}
