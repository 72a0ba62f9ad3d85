import { CallError } from './errors.ts';

/** Entries, and bytes of all values together, that clients can leave here. */
const entryLimit = 10_000;
const byteLimit = 64 << 20;

export type Stored = number | boolean | string | Uint8Array | readonly number[];

function sizeOf(value: Stored): number {
  if (typeof value === 'string') return 2 * value.length;
  if (value instanceof Uint8Array) return value.length;
  return 8 * (typeof value === 'object' ? value.length : 1);
}

/** Values by name that clients leave for each other: signals, custom data, parameters. Bounded as a whole. */
export class Stores {
  private readonly values = new Map<string, Stored>();
  private bytes = 0;

  get(kind: string, name: string): Stored | undefined {
    return this.values.get(`${kind}\0${name}`);
  }

  set(kind: string, name: string, value: Stored): void {
    this.delete(kind, name);
    const size = sizeOf(value) + 2 * name.length;
    if (this.values.size >= entryLimit || this.bytes + size > byteLimit)
      throw new CallError('there is no room left; clear what is not needed any more.');
    this.values.set(`${kind}\0${name}`, value);
    this.bytes += size;
  }

  /** Whether there was one. */
  delete(kind: string, name: string): boolean {
    const value = this.get(kind, name);
    if (value === undefined) return false;
    this.bytes -= sizeOf(value) + 2 * name.length;
    return this.values.delete(`${kind}\0${name}`);
  }

  /** Names of a kind, in the order they came. */
  names(kind: string): string[] {
    return Array.from(this.values.keys())
      .filter(key => key.startsWith(`${kind}\0`))
      .map(key => key.slice(kind.length + 1));
  }

  /** How many there were of a kind. */
  clear(kind: string): number {
    const names = this.names(kind);
    for (const name of names) this.delete(kind, name);
    return names.length;
  }
}
