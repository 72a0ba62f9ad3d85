import { performance } from 'node:perf_hooks';

/** How many delays, and versions on their way, are remembered. */
const REMEMBERED = 1_000;

/** Measures how long versions of the weights take until they, or newer ones, are in use everywhere. */
export class DelayMeter {
  /** ms, oldest first. */
  readonly delays: number[] = [];
  private readonly travelling: { readonly version: number; readonly at: number }[] = [];

  /** A version was published. */
  depart(version: number): void {
    this.travelling.push({ version, at: performance.now() });
    if (this.travelling.length > REMEMBERED) this.travelling.shift();
  }

  /** Measures from now on only. */
  forget(): void {
    this.delays.length = 0;
    this.travelling.length = 0;
  }

  /** Everywhere at least that version is in use now. */
  arrive(version: number): void {
    const now = performance.now();
    for (let next = this.travelling[0]; next !== undefined && next.version <= version; next = this.travelling[0]) {
      this.delays.push(now - next.at);
      this.travelling.shift();
      if (this.delays.length > REMEMBERED) this.delays.shift();
    }
  }
}
