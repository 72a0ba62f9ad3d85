import { DemonstrationFileError } from '../../errors.ts';
import type { ByteSource } from '../byte-source.ts';
import { nextInstruction } from './operations.ts';

/** Bounds of a memo: things put in, things put in out of order, and things kept at once. */
const MAX_PUTS = 1 << 28;
const MAX_OUT_OF_ORDER = 1_000_000;
const MAX_KEPT = 4_000_000;
/** A count of uses that is no longer counted down. */
const FOREVER = 255;

/** Numbers what is put into a pickle's memo, in order, and finds which one an index means at the moment. */
class PutNumbers {
  private puts = 0;
  /** So many were put at the index that is their number, as Python does; all later ones are looked up. */
  private inOrder = 0;
  private readonly others = new Map<number, number>();
  private keys = 0;

  /** @param index where it is put; by default behind all others. Returns the number of this put. */
  put(index: number = this.keys): number {
    const number = this.puts++;
    if (this.puts > MAX_PUTS) throw new DemonstrationFileError(`its memo holds more than ${MAX_PUTS} things`);
    if (this.find(index) === undefined) this.keys++;
    if (index === number && this.inOrder === number) this.inOrder++;
    else {
      this.others.set(index, number);
      if (this.others.size > MAX_OUT_OF_ORDER)
        throw new DemonstrationFileError(`its memo has more than ${MAX_OUT_OF_ORDER} things out of order`);
    }
    return number;
  }

  /** Throws DemonstrationFileError for an index where nothing is. */
  get(index: number): number {
    const number = this.find(index);
    if (number === undefined)
      throw new DemonstrationFileError(`it asks for number ${index} of its memo, where nothing is`);
    return number;
  }

  private find(index: number): number | undefined {
    return this.others.get(index) ?? (index < this.inOrder ? index : undefined);
  }
}

/**
 * Goes through a pickle without building anything: every operation is one that is read, and all that it says of lengths
 * is so. Returns how often each thing in the memo is asked for, in the order they are put, up to 255.
 *
 * A pickle of a million transitions puts twenty million things into its memo and asks for a few of them again; knowing
 * which, the rest need not be kept.
 */
export function countUses(source: ByteSource): Uint8Array {
  const numbers = new PutNumbers();
  let uses = new Uint8Array(1024);
  for (;;) {
    const { name, argument } = nextInstruction(source, false);
    if (name === 'STOP') break;
    if (name === 'BINPUT' || name === 'LONG_BINPUT' || name === 'PUT' || name === 'MEMOIZE') {
      const number = numbers.put(name === 'MEMOIZE' ? undefined : Number(argument));
      if (number >= uses.length) {
        const larger = new Uint8Array(2 * uses.length);
        larger.set(uses);
        uses = larger;
      }
    } else if (name === 'BINGET' || name === 'LONG_BINGET' || name === 'GET') {
      const number = numbers.get(Number(argument));
      uses[number] = Math.min(FOREVER, (uses[number] as number) + 1);
    }
  }
  return uses;
}

/** A pickle's memo that keeps a thing only until it has been asked for as often as it will be. */
export class Memo<T> {
  private readonly numbers = new PutNumbers();
  private readonly kept = new Map<number, T>();
  private readonly uses: Uint8Array;

  /** @param uses from {@link countUses}; used up. */
  constructor(uses: Uint8Array) {
    this.uses = uses;
  }

  put(value: T, index?: number): void {
    const number = this.numbers.put(index);
    if ((this.uses[number] ?? 0) === 0) return;
    this.kept.set(number, value);
    if (this.kept.size > MAX_KEPT)
      throw new DemonstrationFileError(`its memo holds more than ${MAX_KEPT} things that are still asked for`);
  }

  get(index: number): T {
    const number = this.numbers.get(index);
    const value = this.kept.get(number);
    if (value === undefined)
      throw new DemonstrationFileError(`it asks for number ${index} of its memo, where nothing is`);
    const left = this.uses[number] as number;
    if (left === FOREVER) return value;
    this.uses[number] = left - 1;
    if (left === 1) this.kept.delete(number);
    return value;
  }
}
