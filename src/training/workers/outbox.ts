import type { Chunk } from './chunk-builder.ts';

export interface OutboxEntry {
  readonly seq: number;
  readonly chunk: Chunk;
}

/** How far the learner has come with a worker's messages; see the message `ack`. */
export interface Acknowledgement {
  readonly accepted: number;
  readonly received: number;
  readonly durable: number;
}

/**
 * A worker's experience that is not yet on the learner's disk.
 *
 * Messages are numbered from 1. One that the learner has received makes room for another; only one that a checkpoint
 * holds is forgotten. So a learner that dies and goes on from its checkpoint gets all the rest again.
 */
export class Outbox {
  /** Messages given up: learned from, but gone if the learner dies before its next checkpoint. */
  dropped = 0;
  /** Bytes held. */
  retained = 0;
  private readonly entries: OutboxEntry[] = [];
  private readonly limit: number;
  private next = 1;
  private sent = 0;
  private received = 0;
  private durable = 0;

  /** @param limit bytes that what was received but is not on disk may take; beyond, the oldest are given up. */
  constructor(limit: number) {
    this.limit = limit;
  }

  push(chunk: Chunk): void {
    this.entries.push({ seq: this.next++, chunk });
    this.retained += chunk.payload.byteLength;
    this.enforceLimit();
  }

  /** Number of the oldest message held; the next one's where there is none. */
  get oldest(): number {
    return this.entries[0]?.seq ?? this.next;
  }

  /** Whether messages were sent that the learner has not accepted, as far as `accepted` says. */
  isAwaiting(accepted: number): boolean {
    return accepted < this.sent;
  }

  /** Environment steps in messages that were not received yet. */
  get stepsUnderWay(): number {
    let steps = 0;
    for (let i = this.entries.length - 1; i >= 0; i--) {
      const entry = this.entries[i] as OutboxEntry;
      if (entry.seq <= this.received) break;
      steps += entry.chunk.steps;
    }
    return steps;
  }

  /**
   * The next message to send: the oldest unsent one, as long as no more than `window` steps are under way with it;
   * one may go alone whatever its size.
   */
  nextToSend(window: number): OutboxEntry | null {
    let steps = 0;
    for (let i = this.indexAfter(this.received); i < this.entries.length; i++) {
      const entry = this.entries[i] as OutboxEntry;
      steps += entry.chunk.steps;
      if (steps > window && steps > entry.chunk.steps) return null;
      if (entry.seq > this.sent) return entry;
    }
    return null;
  }

  markSent(entry: OutboxEntry): void {
    this.sent = Math.max(this.sent, entry.seq);
  }

  /** Sends again what follows that message. */
  rewind(after: number): void {
    this.sent = Math.min(this.sent, after);
  }

  /** Takes in how far the learner has come; forgets what is on disk. Returns the chunks that now are. */
  acknowledge({ received, durable }: Pick<Acknowledgement, 'received' | 'durable'>): Chunk[] {
    this.received = Math.max(this.received, received);
    this.durable = Math.max(this.durable, durable);
    const kept: Chunk[] = [];
    while (this.entries[0] !== undefined && this.entries[0].seq <= this.durable) kept.push(this.shift());
    this.enforceLimit();
    return kept;
  }

  /** A learner that went on from a checkpoint knows only this much: all that follows is sent again. */
  restart(received: number): void {
    this.received = received;
    this.sent = received;
  }

  private enforceLimit(): void {
    while (this.retained > this.limit && this.entries[0] !== undefined && this.entries[0].seq <= this.received) {
      this.shift();
      this.dropped++;
    }
  }

  private shift(): Chunk {
    const { chunk } = this.entries.shift() as OutboxEntry; // The callers looked.
    this.retained -= chunk.payload.byteLength;
    return chunk;
  }

  private indexAfter(seq: number): number {
    return Math.max(0, seq + 1 - this.oldest);
  }
}
