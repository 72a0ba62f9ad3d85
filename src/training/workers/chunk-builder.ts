import type { Transition } from '../../agents/index.ts';
import { joinFloats } from '../../common/join-floats.ts';
import type { Column } from '../bus/index.ts';

/** A return, a length in steps, success, and how the simulator was lost in it (empty: it was not); as the bus has it. */
export type EndedEpisode = [total: number, length: number, success: boolean, simulatorLost: string];

/** Experience as it goes into one message. */
export interface Chunk {
  /** Environment steps taken for it. */
  readonly steps: number;
  readonly rows: number;
  /** Version of the weights of its last action. */
  readonly weights: number;
  readonly episodes: readonly EndedEpisode[];
  /** The layout's columns, one after the other. */
  readonly payload: Uint8Array;
}

/** Gathers transitions of any number of environments, column by column, until they are sent. */
export class ChunkBuilder {
  steps = 0;
  /** When its first step was taken, ms; meaningless while there are none. */
  since = 0;
  private rows = 0;
  private episodes: EndedEpisode[] = [];
  private capacity = 64;
  private readonly layout: readonly Column[];
  private columns: Float32Array[];

  /** @param layout columns named after the fields of what is added. */
  constructor(layout: readonly Column[]) {
    this.layout = layout;
    this.columns = layout.map(({ width }) => new Float32Array(width * this.capacity));
  }

  /** Takes a transition of the layout {@link transitionLayout} makes. */
  add({ observation, action, reward, nextObservation, discount }: Transition): void {
    if (this.rows === this.capacity) this.grow();
    const row = this.rows++;
    const [observations, actions, rewards, nextObservations, discounts] = this.columns as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ]; // The layout's five columns.
    observations.set(observation, row * observation.length);
    actions.set(action, row * action.length);
    rewards[row] = reward;
    nextObservations.set(nextObservation, row * nextObservation.length);
    discounts[row] = discount;
  }

  endEpisode(episode: EndedEpisode): void {
    this.episodes.push(episode);
  }

  /** What was gathered, as one payload; the builder is empty afterwards. */
  seal(weights: number): Chunk {
    const parts = this.columns.map((column, i) => column.subarray(0, this.rows * (this.layout[i] as Column).width));
    const payload = joinFloats(parts);
    const { steps, rows, episodes } = this;
    this.steps = 0;
    this.rows = 0;
    this.episodes = [];
    return { steps, rows, weights, episodes, payload: new Uint8Array(payload.buffer) };
  }

  private grow(): void {
    this.capacity *= 2;
    this.columns = this.columns.map(column => {
      const larger = new Float32Array(column.length * 2);
      larger.set(column);
      return larger;
    });
  }
}
