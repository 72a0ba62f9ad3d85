import { SimulatorTimeoutError } from '../../errors.ts';

/** When a call has to be done with, and what may end it earlier. */
export interface Deadline {
  /** As `performance.now()` tells time, ms. */
  readonly at: number;
  /** What was allowed, s; for messages. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  start(): void;
  fail(error: unknown): void;
}

/** Lets one call be made at a time, in the order they came; one whose time is up or that is aborted leaves the queue. */
export class CallQueue {
  private running = false;
  private readonly waiting = new Set<Waiting>();

  /**
   * Waits for a turn; nothing to wait for where nobody is before. Whoever had a turn has to `leave`.
   *
   * Rejects with SimulatorTimeoutError, or the signal's reason; there was no turn then.
   */
  enter(deadline: Deadline): Promise<void> | undefined {
    if (this.running) return this.turn(deadline);
    this.running = true;
    return undefined;
  }

  /** Ends a turn; the next one begins. */
  leave(): void {
    const [next] = this.waiting;
    // Whoever is next finds `running` still set, so that nobody slips in between.
    if (next === undefined) this.running = false;
    else next.start();
  }

  /** Fails all that wait; what is running is not touched. */
  fail(error: Error): void {
    for (const waiting of [...this.waiting]) waiting.fail(error);
  }

  private turn({ at, timeout, signal }: Deadline): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.waiting.delete(waiting);
      };
      const waiting: Waiting = {
        start: () => {
          leave();
          resolve();
        },
        fail: error => {
          leave();
          reject(error);
        },
      };
      const onAbort = () => waiting.fail(signal?.reason);
      const timer = setTimeout(
        () =>
          waiting.fail(
            new SimulatorTimeoutError(
              `Calling the simulator failed: the calls before this one were not done within ${timeout} s. Await calls one after the other, or allow more time.`,
            ),
          ),
        Math.max(0, at - performance.now()),
      );
      signal?.addEventListener('abort', onAbort);
      this.waiting.add(waiting);
    });
  }
}
