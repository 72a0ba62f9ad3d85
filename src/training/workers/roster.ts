import type { StateDict } from '../../common/state-dict.ts';
import { asNumber, asState, isState } from '../state.ts';
import { Stream } from './stream.ts';

/** Workers remembered after they left; a worker forgotten sends nothing twice unless it comes back after thousands. */
const MAX_STREAMS = 4096;

/** All workers a run has had, by their own names, and how far the learner has come with each. */
export class Roster {
  private streams = new Map<string, Stream>();
  private joined = 0;

  get(worker: string): Stream | undefined {
    return this.streams.get(worker);
  }

  /**
   * The worker's stream; a number of its own where it is new.
   *
   * @param stays whether another worker must not be forgotten.
   */
  enlist(worker: string, stays: (worker: string) => boolean): Stream {
    const known = this.streams.get(worker);
    // The last to come is the last to be forgotten.
    this.streams.delete(worker);
    const stream = known ?? new Stream(this.joined++);
    this.streams.set(worker, stream);
    for (const oldest of this.streams.keys()) {
      if (this.streams.size <= MAX_STREAMS) break;
      if (oldest !== worker && !stays(oldest)) this.streams.delete(oldest);
    }
    return stream;
  }

  get duplicates(): number {
    return [...this.streams.values()].reduce((sum, { duplicates }) => sum + duplicates, 0);
  }

  /** The state taken last is on disk. */
  markSaved(): void {
    for (const stream of this.streams.values()) stream.markSaved();
  }

  /** What the replay of this very moment holds of each. */
  getState(): StateDict {
    return {
      joined: this.joined,
      streams: Object.fromEntries([...this.streams].map(([worker, stream]) => [worker, stream.getState()])),
    };
  }

  /** Throws CheckpointDamagedError where the state is none of a roster. */
  setState(state: StateDict): void {
    const streams = Object.entries(asState(state, 'streams')).map(([worker, value]) => {
      return [worker, Stream.fromState(isState(value) ? value : {})] as const;
    });
    this.joined = asNumber(state, 'joined');
    this.streams = new Map(streams);
  }
}
