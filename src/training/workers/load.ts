import { performance } from 'node:perf_hooks';

/** What a learner's time goes to. */
export type Activity = 'learning' | 'waiting';

/** Shares of the recent past, a few seconds long, that were spent on each activity, and rates of what was counted. */
export class Load {
  envStepsPerSecond = 0;
  updatesPerSecond = 0;
  /** Of the time, in learning and in waiting for experience; the rest is everything else. */
  learning = 0;
  waiting = 0;
  private spent: Record<Activity, number> = { learning: 0, waiting: 0 };
  private since = performance.now();
  private envSteps: number | null = null;
  private updates = 0;

  add(activity: Activity, milliseconds: number): void {
    this.spent[activity] += milliseconds;
  }

  /** Looks at the counts; every two seconds the rates and shares are those of the time since the last look. */
  look(envSteps: number, updates: number): void {
    const now = performance.now();
    const span = now - this.since;
    if (this.envSteps !== null && span < 2_000) return;
    if (this.envSteps !== null) {
      this.envStepsPerSecond = ((envSteps - this.envSteps) / span) * 1000;
      this.updatesPerSecond = ((updates - this.updates) / span) * 1000;
      this.learning = Math.min(1, this.spent.learning / span);
      this.waiting = Math.min(1, this.spent.waiting / span);
    }
    this.envSteps = envSteps;
    this.updates = updates;
    this.spent = { learning: 0, waiting: 0 };
    this.since = now;
  }
}
