import { performance } from 'node:perf_hooks';

/** Adds up the time between `start` and `stop`, s. */
export class Stopwatch {
  private elapsed: number;
  private startedAt: number | null = null;

  /** @param elapsed what was measured before, s. */
  constructor(elapsed = 0) {
    this.elapsed = elapsed;
  }

  start(): void {
    this.startedAt ??= performance.now();
  }

  stop(): void {
    this.elapsed = this.seconds;
    this.startedAt = null;
  }

  /** Stops; says whether it was running, so that it can be started again. */
  pause(): boolean {
    const running = this.startedAt !== null;
    this.stop();
    return running;
  }

  /** Adds time measured elsewhere, s. */
  add(seconds: number): void {
    this.elapsed += seconds;
  }

  get seconds(): number {
    return this.elapsed + (this.startedAt === null ? 0 : (performance.now() - this.startedAt) / 1000);
  }
}
