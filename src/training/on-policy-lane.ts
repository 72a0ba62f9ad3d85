import type { Columns, EpisodeView, Trajectory } from '../agents/policy.ts';
import type { StateDict } from '../common/state-dict.ts';
import { asArrays, asBoolean, asNumber, asState } from './state.ts';

/** A column that grows. */
class GrowingColumn {
  private values: Float32Array;
  private length = 0;

  constructor(values: Float32Array = new Float32Array(256)) {
    this.values = values;
    this.length = 0;
  }

  append(rows: Float32Array): void {
    if (this.length + rows.length > this.values.length) {
      const larger = new Float32Array(2 * (this.length + rows.length));
      larger.set(this.values.subarray(0, this.length));
      this.values = larger;
    }
    this.values.set(rows, this.length);
    this.length += rows.length;
  }

  copy(): Float32Array {
    return this.values.slice(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }
}

/** What one environment of a rollout is at: its episode, what the policy remembers of it, and steps not yet learned from. */
export class Lane {
  /** The episode under way: what it began with, to be played again when a run goes on. */
  seed = 0;
  episode: { id: number; length: number; return: number } = { id: 0, length: 0, return: 0 };
  success = false;
  /** Whether the next step must begin an episode. */
  over = true;
  info: Readonly<Record<string, unknown>> = {};
  states: Float32Array[] = [];
  previousAction: Float32Array;
  previousReward = 0;
  private steps = 0;
  private readonly columns = new Map<string, GrowingColumn>();
  private readonly actions = new GrowingColumn();

  constructor(actionSize: number) {
    this.previousAction = new Float32Array(actionSize);
  }

  get view(): EpisodeView {
    return this.episode;
  }

  /** Steps not yet learned from. */
  get size(): number {
    return this.steps;
  }

  begin(id: number, seed: number, initialState: readonly Float32Array[], info: Lane['info']): void {
    this.seed = seed;
    this.episode = { id, length: 0, return: 0 };
    this.success = false;
    this.over = false;
    this.info = info;
    this.states = initialState.map(state => state.slice());
    this.previousAction.fill(0);
    this.previousReward = 0;
    this.actions.clear();
  }

  /** Adds one step's row to every column. */
  record(row: Columns): void {
    for (const [name, values] of Object.entries(row)) {
      let column = this.columns.get(name);
      if (column === undefined) {
        column = new GrowingColumn();
        this.columns.set(name, column);
      }
      column.append(values);
    }
    this.steps++;
  }

  /** Remembers what was done, whether learned from or not. */
  acted(action: Float32Array): void {
    this.actions.append(action);
    this.previousAction.set(action);
  }

  /** The episode's actions so far, one after the other. */
  get played(): Float32Array {
    return this.actions.copy();
  }

  /** The steps not yet learned from, as a trajectory; they are then forgotten here. */
  cut(nextObservation: Float32Array, end: { readonly terminated: boolean; readonly truncated: boolean }): Trajectory {
    const columns = Object.fromEntries([...this.columns].map(([name, column]) => [name, column.copy()]));
    const size = this.steps;
    for (const column of this.columns.values()) column.clear();
    this.steps = 0;
    return {
      size,
      columns,
      nextObservation: nextObservation.slice(),
      nextStates: this.states.map(s => s.slice()),
      ...end,
    };
  }

  getState(): StateDict {
    return {
      seed: this.seed,
      episode: { ...this.episode },
      success: this.success,
      over: this.over,
      states: this.states.map(state => state.slice()),
      previousAction: this.previousAction.slice(),
      previousReward: this.previousReward,
      steps: this.steps,
      columns: Object.fromEntries([...this.columns].map(([name, column]) => [name, column.copy()])),
      actions: this.actions.copy(),
    };
  }

  setState(state: StateDict): void {
    const episode = asState(state, 'episode');
    this.seed = asNumber(state, 'seed');
    this.episode = {
      id: asNumber(episode, 'id'),
      length: asNumber(episode, 'length'),
      return: asNumber(episode, 'return'),
    };
    this.success = asBoolean(state, 'success');
    this.over = asBoolean(state, 'over');
    this.states = asArrays(state.states);
    this.previousAction.set(asArrays([state.previousAction ?? null])[0] ?? []);
    this.previousReward = asNumber(state, 'previousReward');
    this.steps = asNumber(state, 'steps');
    this.columns.clear();
    for (const [name, values] of Object.entries(asState(state, 'columns'))) {
      const column = new GrowingColumn();
      column.append(asArrays([values])[0] as Float32Array); // One for one.
      this.columns.set(name, column);
    }
    this.actions.clear();
    this.actions.append(asArrays([state.actions ?? null])[0] as Float32Array); // One for one.
  }
}
