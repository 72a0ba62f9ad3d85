import { performance } from 'node:perf_hooks';

/** How long the end of an episode stays to be looked at, s. */
export const CURTAIN = 0.6;
/** Lateness up to this is made up for, ms; after a longer halt the arm must not rush. */
const LATENESS = 250;

/** Lets simulated time pass as on a clock, faster or slower, and stops and steps it. */
export class Pace {
  private currentSpeed = 1;
  private stopped = false;
  private steps = 0;
  private due = Number.NEGATIVE_INFINITY;
  private readonly waiting = new Set<() => void>();

  get speed(): number {
    return this.currentSpeed;
  }
  get paused(): boolean {
    return this.stopped;
  }

  /** @param speed simulated seconds a second; Infinity never waits. */
  setSpeed(speed: number): void {
    this.currentSpeed = speed;
    this.skip();
  }

  pause(paused: boolean): void {
    this.stopped = paused;
    this.steps = 0;
    this.wake();
  }

  /** Lets one step of the environment pass, and stops. */
  step(): void {
    this.stopped = true;
    this.steps++;
    this.wake();
  }

  /** Lets the time that is passing be over at once. */
  skip(): void {
    this.due = performance.now();
    this.wake();
  }

  /** Lets whoever waits for something to happen look anew; time passes as it did. */
  wake(): void {
    for (const done of [...this.waiting]) done();
  }

  /** Waits until simulated time that took `period` seconds is over, the speed changes, or it is skipped. */
  async pass(period: number): Promise<void> {
    if (this.currentSpeed === Infinity) return;
    const now = performance.now();
    const from = now - this.due > LATENESS ? now : this.due;
    this.due = from + (1000 * period) / this.currentSpeed;
    for (let left = this.due - now; left > 0; left = this.due - performance.now()) await this.wait(left);
  }

  /** Waits as long as it is paused and no single step was asked for; ends early where `over` says so. */
  async permission(over: () => boolean): Promise<void> {
    while (this.stopped && this.steps === 0 && !over()) await this.wait();
    if (this.steps > 0) this.steps--;
  }

  /** Waits until something happens, at most so long (ms). */
  async wait(milliseconds?: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let done: () => void = () => {};
    await new Promise<void>(resolve => {
      done = resolve;
      this.waiting.add(done);
      if (milliseconds !== undefined) timer = setTimeout(resolve, milliseconds);
    });
    clearTimeout(timer);
    this.waiting.delete(done);
  }
}
