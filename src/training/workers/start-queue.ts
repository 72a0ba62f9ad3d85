/** Starts things in small groups: a bounded number at a time, until each is done with starting. */
export class StartQueue {
  private readonly atOnce: number;
  private readonly patience: number;
  private readonly waiting: (() => void)[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private starting = 0;

  /**
   * @param atOnce how many may be starting at the same time
   * @param patience how long one may keep the others waiting, ms
   */
  constructor(atOnce: number, patience: number) {
    this.atOnce = atOnce;
    this.patience = patience;
  }

  /** Calls `start` when it is its turn. What it is given is to be called once that has started, or failed to. */
  add(start: (done: () => void) => void): void {
    this.waiting.push(() => start(this.turn()));
    this.next();
  }

  /** Starts nothing any more. */
  close(): void {
    this.waiting.length = 0;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  private turn(): () => void {
    const done = () => {
      if (!this.timers.delete(timer)) return;
      clearTimeout(timer);
      this.starting--;
      this.next();
    };
    const timer = setTimeout(done, this.patience);
    this.timers.add(timer);
    return done;
  }

  private next(): void {
    while (this.starting < this.atOnce) {
      const start = this.waiting.shift();
      if (start === undefined) return;
      this.starting++;
      start();
    }
  }
}
