import { performance } from 'node:perf_hooks';
import { encodePoseFrame } from './pose-frame.ts';
import type { WatchedSimulator } from './watched-simulator.ts';

/** Pulls a second, the rate of most displays. */
const RATE = 60;

/**
 * Pulls poses at the display's rate, and only while someone watches and something has changed: what is simulated
 * faster than it can be seen costs nothing more.
 */
export class PosePump {
  private readonly simulator: WatchedSimulator;
  private readonly viewers: () => number;
  private readonly most: number;
  private readonly send: (frame: Uint8Array) => void;
  private readonly timer: NodeJS.Timeout;
  private sent = -1;
  private busy = false;
  private last: Uint8Array | null = null;
  private pulledAt = Number.NEGATIVE_INFINITY;

  /**
   * @param viewers how many look.
   * @param send takes each frame; must not wait.
   * @param most frames a second for all viewers together: where there are many, each gets fewer.
   */
  constructor(
    simulator: WatchedSimulator,
    viewers: () => number,
    send: (frame: Uint8Array) => void,
    { rate = RATE, most = Number.POSITIVE_INFINITY }: { readonly rate?: number; readonly most?: number } = {},
  ) {
    this.simulator = simulator;
    this.viewers = viewers;
    this.most = most;
    this.send = send;
    this.timer = setInterval(() => this.tick(), 1000 / rate);
    this.timer.unref();
  }

  /** The frame sent last, for whoever comes later. */
  get latest(): Uint8Array | null {
    return this.last;
  }

  /** Looks at once instead of at the next tick. */
  async pull(): Promise<void> {
    const { simulator } = this;
    if (this.busy || simulator.changes === this.sent || this.viewers() === 0) return;
    this.busy = true;
    try {
      const { changes, episode, time, marks } = simulator;
      const poses = await simulator.bodyPoses();
      const contacts = await simulator.contactPoints();
      this.sent = changes;
      this.last = encodePoseFrame(
        episode,
        time,
        poses,
        contacts.flatMap(({ position, force }) => [...position, ...force]),
        marks.flatMap(({ position, radius }) => [...position, radius]),
      );
      this.send(this.last);
    } catch {
      // A simulator that was closed, or lost: whoever steps it says so.
    } finally {
      this.busy = false;
    }
  }

  private tick(): void {
    const now = performance.now();
    // Timers are a little early now and then: a millisecond counts as on time.
    if (now - this.pulledAt < (1000 * this.viewers()) / this.most - 1) return;
    this.pulledAt = now;
    void this.pull();
  }

  close(): void {
    clearInterval(this.timer);
  }
}
