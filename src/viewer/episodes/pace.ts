import { performance } from 'node:perf_hooks';

/** Lets simulated time pass as on a clock, faster or slower, and stops and steps it. */
export class Pace {
  private currentSpeed = 1;
  private stopped = false;
  private steps = 0;
  private due = 0;
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
    this.wake();
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

  /** Ends every wait at once: what was waited for is looked at anew. */
  wake(): void {
    for (const done of [...this.waiting]) done();
  }

  /** Waits until simulated time that took `period` seconds is over. */
  async pass(period: number): Promise<void> {
    if (this.currentSpeed === Infinity) return;
    const now = performance.now();
    // Lateness is made up for, but not a long halt: after one, the arm must not rush.
    this.due = Math.max(this.due, now - 250) + (1000 * period) / this.currentSpeed;
    if (this.due > now) await this.wait(this.due - now);
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
