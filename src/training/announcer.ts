import type { Simulator } from '../bridge/index.ts';

/** How many lines may wait for a simulator that does not take them; those that come then are left out. */
const MOST_WAITING = 16;

/**
 * Tells the results of episodes in the window of the simulator that they were played in, where it has one.
 *
 * Nothing ever waits for it, and a simulator that cannot show them is told no more after the first time.
 */
export class Announcer {
  private readonly simulator: Pick<Simulator, 'announce'> | null;
  private readonly warn: (message: string) => void;
  private waiting = 0;
  private failed = false;

  /** @param warn told once where showing fails. */
  constructor(simulator: Pick<Simulator, 'announce'> | null, warn: (message: string) => void) {
    this.simulator = simulator;
    this.warn = warn;
  }

  /** @param number of the episode, counted from 1. */
  episode(
    number: number,
    { success, return: total, length }: { readonly success: boolean; readonly return: number; readonly length: number },
  ): void {
    this.show(
      `graspbridge: episode ${number} ${success ? 'succeeded' : 'failed'}, return ${total.toFixed(2)}, ${length} steps`,
    );
  }

  private show(text: string): void {
    if (this.simulator?.announce === undefined || this.failed || this.waiting >= MOST_WAITING) return;
    this.waiting++;
    this.simulator
      .announce(text)
      .catch((error: unknown) => {
        if (this.failed) return;
        this.failed = true;
        this.warn(
          `The simulator cannot show results in its window: ${error instanceof Error ? error.message : error} They go on without.`,
        );
      })
      .finally(() => {
        this.waiting--;
      });
  }
}
