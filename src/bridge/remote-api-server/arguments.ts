import { CallError } from './errors.ts';

type Table = Readonly<Record<string, unknown>>;

/** The arguments of one call, each checked as CoppeliaSim does and in its words. */
export class Arguments {
  private readonly values: readonly unknown[];

  constructor(values: readonly unknown[]) {
    this.values = values;
  }

  get length(): number {
    return this.values.length;
  }

  has(index: number): boolean {
    return this.values[index] !== undefined && this.values[index] !== null;
  }

  raw(index: number): unknown {
    return this.values[index] ?? null;
  }

  from(index: number): readonly unknown[] {
    return this.values.slice(index);
  }

  number(index: number, byDefault?: number): number {
    const value = this.given(index, byDefault);
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number') throw this.wrong(index, 'a number');
    if (!Number.isFinite(number)) throw this.wrong(index, 'a finite number');
    return number;
  }

  integer(index: number, byDefault?: number): number {
    const number = Math.trunc(this.number(index, byDefault));
    if (!Number.isSafeInteger(number)) throw this.wrong(index, 'an integer');
    return number;
  }

  text(index: number, byDefault?: string): string {
    const value = this.given(index, byDefault);
    if (typeof value !== 'string') throw this.wrong(index, 'a string');
    return value;
  }

  /** Bytes as they came; text is taken for its UTF-8, for Lua's strings are both. */
  bytes(index: number): Uint8Array {
    const value = this.given(index);
    if (typeof value === 'string') return new TextEncoder().encode(value);
    if (!(value instanceof Uint8Array)) throw this.wrong(index, 'a string or buffer');
    return value;
  }

  boolean(index: number, byDefault?: boolean): boolean {
    const value = this.given(index, byDefault);
    // Programs written for the C interface say 0 and 1.
    if (typeof value === 'number') return value !== 0;
    if (typeof value !== 'boolean') throw this.wrong(index, 'a bool');
    return value;
  }

  list(index: number): readonly unknown[] {
    const value = this.given(index);
    if (Array.isArray(value)) return value;
    // An empty list of a client whose language knows but tables.
    if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) return [];
    throw this.wrong(index, 'a table');
  }

  /** Finite numbers, `length` of them where that is given. */
  numbers(index: number, length?: number): number[] {
    const list = this.list(index);
    if (length !== undefined && list.length < length) throw this.wrong(index, `a table of at least ${length} numbers`);
    return list.slice(0, length).map(value => {
      const number = typeof value === 'bigint' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(number)) throw this.wrong(index, 'a table of finite numbers');
      return number;
    });
  }

  /** Options by name; none where the argument is left out. */
  table(index: number): Table {
    const value = this.raw(index);
    if (value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value) || value instanceof Uint8Array || value instanceof Map)
      throw this.wrong(index, 'a map');
    return value as Table; // What is left of the codec's values are maps by name.
  }

  private given(index: number, byDefault?: unknown): unknown {
    const value = this.raw(index);
    if (value !== null) return value;
    if (byDefault === undefined)
      throw index >= this.values.length
        ? new CallError('the function requires more arguments.')
        : this.wrong(index, 'of that type');
    return byDefault;
  }

  private wrong(index: number, wanted: string): CallError {
    return new CallError(`argument ${index + 1} is not ${wanted}.`);
  }
}
