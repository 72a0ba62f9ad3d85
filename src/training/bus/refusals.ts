import type { RefusalReason } from './errors.ts';

/** Counts what was not taken, and tells of each reason once: a flood of garbage must not become a flood of lines. */
export class Refusals {
  private readonly counts = new Map<RefusalReason, number>();
  private readonly tell: (message: string) => void;

  constructor(tell: (message: string) => void) {
    this.tell = tell;
  }

  /** @param what says what was found; it stands in the one line that is told. */
  count(reason: RefusalReason, what: string): void {
    const before = this.counts.get(reason) ?? 0;
    this.counts.set(reason, before + 1);
    if (before === 0)
      this.tell(`A message on the bus was refused (${reason}): ${what} Further ones of the kind are only counted.`);
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How many, by reason; only those that occurred. */
  toJSON(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.counts);
  }
}
