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
  private readonly watched: () => boolean;
  private readonly send: (frame: Uint8Array) => void;
  private readonly timer: NodeJS.Timeout;
  private sent = -1;
  private busy = false;
  private last: Uint8Array | null = null;

  /**
   * @param watched whether anyone looks.
   * @param send takes each frame; must not wait.
   */
  constructor(simulator: WatchedSimulator, watched: () => boolean, send: (frame: Uint8Array) => void, rate = RATE) {
    this.simulator = simulator;
    this.watched = watched;
    this.send = send;
    this.timer = setInterval(() => void this.pull(), 1000 / rate);
    this.timer.unref();
  }

  /** The frame sent last, for whoever comes later. */
  get latest(): Uint8Array | null {
    return this.last;
  }

  /** Looks at once instead of at the next tick. */
  async pull(): Promise<void> {
    const { simulator } = this;
    if (this.busy || simulator.changes === this.sent || !this.watched()) return;
    this.busy = true;
    try {
      const { changes, episode, time } = simulator;
      const poses = await simulator.bodyPoses();
      const contacts = await simulator.contactPoints();
      this.sent = changes;
      this.last = encodePoseFrame(
        episode,
        time,
        poses,
        contacts.flatMap(({ position, force }) => [...position, ...force]),
      );
      this.send(this.last);
    } catch {
      // A simulator that was closed, or lost: whoever steps it says so.
    } finally {
      this.busy = false;
    }
  }

  close(): void {
    clearInterval(this.timer);
  }
}
