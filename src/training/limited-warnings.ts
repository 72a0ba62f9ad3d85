/** Warnings of one kind that are shown in full. */
const SHOWN = 10;

/**
 * Limits warnings whose number somebody else decides: a worker that fails again and again, a simulator that is lost in
 * every episode.
 *
 * The first ones of each kind are shown; then one each time their number has grown tenfold.
 */
export class LimitedWarnings {
  private readonly counts = new Map<string, number>();
  private readonly warn: (message: string) => void;

  constructor(warn: (message: string) => void) {
    this.warn = warn;
  }

  /** @param kind what is counted, one of a fixed few. */
  add(kind: string, message: string): void {
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    if (count < SHOWN) this.warn(message);
    else if (count === SHOWN)
      this.warn(
        `${message} Further warnings of this kind are counted, and shown each time their number has grown tenfold.`,
      );
    else if (isPowerOfTen(count)) this.warn(`${message} This is warning ${count.toLocaleString('en-US')} of its kind.`);
  }
}

function isPowerOfTen(count: number): boolean {
  return 10 ** Math.round(Math.log10(count)) === count;
}
