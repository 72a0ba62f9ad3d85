import type { StateDict } from '../../common/state-dict.ts';
import { asNumber } from '../state.ts';

/** What became of a message that arrived: to be queued, seen before, or with others missing before it. */
export type Arrival = 'next' | 'duplicate' | 'gap';

/**
 * The learner's account of one worker's numbered messages, through all its connections and the learner's own lives.
 *
 * Each is taken once: in order, nothing left out but what the worker itself has given up. `received` always says what
 * the replay holds, so that a checkpoint with both is consistent.
 */
export class Stream {
  /** The worker's number in the run. */
  readonly index: number;
  /** The last message that was queued. */
  accepted = 0;
  /** The last message whose transitions are in the replay. */
  received = 0;
  /** The last message that a checkpoint on disk holds. */
  durable = 0;
  duplicates = 0;
  /** `received` when the state was last taken. */
  private noted = 0;

  constructor(index: number) {
    this.index = index;
  }

  /** @param oldest the first message that the worker still has. */
  arrive(seq: number, oldest: number): Arrival {
    if (seq <= this.accepted) {
      this.duplicates++;
      return 'duplicate';
    }
    if (seq !== this.accepted + 1 && seq !== oldest) return 'gap';
    this.accepted = seq;
    return 'next';
  }

  /** The message's transitions were added to the replay. */
  take(seq: number): void {
    this.received = seq;
  }

  /** What a checkpoint keeps. */
  getState(): StateDict {
    this.noted = this.received;
    return { index: this.index, received: this.received };
  }

  /** The state taken last is on disk. */
  markSaved(): void {
    this.durable = this.noted;
  }

  static fromState(state: StateDict): Stream {
    const stream = new Stream(asNumber(state, 'index'));
    stream.accepted = stream.received = stream.durable = stream.noted = asNumber(state, 'received');
    return stream;
  }
}
