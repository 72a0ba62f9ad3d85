import type { WorkerInfo } from './hub-types.ts';

/** One worker that was expelled. */
export interface Expulsion {
  readonly index: number;
  readonly host: string;
  readonly pid: number;
  /** What it sent that no worker sends. */
  readonly reason: string;
}

/** How many workers were expelled, and the last of them. */
export interface ExpulsionSummary {
  readonly total: number;
  readonly last: readonly Expulsion[];
}

/** Workers whose names are remembered, and described. */
const REMEMBERED = 4096;
const DESCRIBED = 10;

/** Workers that sent what no worker sends: they are not welcomed again under the same name. */
export class Expulsions {
  private total = 0;
  private readonly reasons = new Map<string, string>();
  private readonly last: Expulsion[] = [];

  add({ name, index, host, pid }: WorkerInfo, reason: string): void {
    this.total++;
    this.reasons.set(name, reason);
    const [oldest] = this.reasons.keys();
    if (this.reasons.size > REMEMBERED && oldest !== undefined) this.reasons.delete(oldest);
    this.last.push({ index, host, pid, reason });
    if (this.last.length > DESCRIBED) this.last.shift();
  }

  /** Why the worker of that name was expelled; null if it was not. */
  reasonFor(name: string): string | null {
    return this.reasons.get(name) ?? null;
  }

  toJSON(): ExpulsionSummary {
    return { total: this.total, last: [...this.last] };
  }
}
