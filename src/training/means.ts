import type { StateDict } from '../common/state-dict.ts';

/** Running means of named numbers, since the last `reset`. Allocates only when a name is new. */
export class Means {
  private sums = new Map<string, { sum: number; count: number }>();

  add(values: Readonly<Record<string, number>>): void {
    for (const name in values) {
      const entry = this.entry(name);
      entry.sum += values[name] as number;
      entry.count++;
    }
  }

  private entry(name: string): { sum: number; count: number } {
    const known = this.sums.get(name);
    if (known !== undefined) return known;
    const entry = { sum: 0, count: 0 };
    this.sums.set(name, entry);
    return entry;
  }

  /** Mean of each name that was added at least once since the reset. */
  means(): Record<string, number> {
    const entries = [...this.sums].filter(([, entry]) => entry.count > 0);
    return Object.fromEntries(entries.map(([name, entry]) => [name, entry.sum / entry.count]));
  }

  reset(): void {
    for (const entry of this.sums.values()) {
      entry.sum = 0;
      entry.count = 0;
    }
  }

  getState(): StateDict {
    return Object.fromEntries([...this.sums].map(([name, { sum, count }]) => [name, Float64Array.of(sum, count)]));
  }

  setState(state: StateDict): void {
    this.sums = new Map();
    for (const [name, value] of Object.entries(state))
      if (value instanceof Float64Array) this.sums.set(name, { sum: value[0] ?? 0, count: value[1] ?? 0 });
  }
}
