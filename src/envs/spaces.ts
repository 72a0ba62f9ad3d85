import { UsageError } from '../common/errors.ts';
import type { Random } from '../common/random.ts';

/** A box in R^n: each number between its own bounds. `dtype` is always float32. */
export interface Box {
  readonly kind: 'box';
  readonly shape: readonly number[];
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** The integers 0 … n-1. */
export interface Discrete {
  readonly kind: 'discrete';
  readonly n: number;
}

export type Space = Box | Discrete;

/** What an element of a space is: a Float32Array for a Box, a number for a Discrete space. */
export type ElementOf<S extends Space> = S extends Box ? Float32Array : number;

/** A Box from bounds: a number stands for the same bound everywhere. Throws UsageError where low > high. */
export function box(low: number | ArrayLike<number>, high: number | ArrayLike<number>, shape?: readonly number[]): Box {
  const length = shape?.reduce((product, n) => product * n, 1) ?? (typeof low === 'number' ? 1 : low.length);
  const fill = (bound: number | ArrayLike<number>) =>
    typeof bound === 'number' ? new Float32Array(length).fill(bound) : Float32Array.from(bound);
  const space = { kind: 'box', shape: shape ?? [length], low: fill(low), high: fill(high) } as const;
  if (space.low.length !== length || space.high.length !== length)
    throw new UsageError(
      `A Box of shape [${space.shape}] needs ${length} bounds, but got ${space.low.length} lower and ${space.high.length} upper ones.`,
    );
  const wrong = space.low.findIndex((value, i) => !(value <= (space.high[i] as number)));
  if (wrong >= 0)
    throw new UsageError(
      `A Box needs low <= high, but number ${wrong} has ${space.low[wrong]} and ${space.high[wrong]}.`,
    );
  return space;
}

/** The integers 0 … n-1. Throws UsageError where n is not a positive integer. */
export function discrete(n: number): Discrete {
  if (!Number.isInteger(n) || n < 1) throw new UsageError(`A Discrete space needs a positive integer, but got ${n}.`);
  return { kind: 'discrete', n };
}

/** How many numbers an element of the space has: 1 for a Discrete one. */
export function flatSize(space: Space): number {
  return space.kind === 'box' ? space.low.length : 1;
}

/** Whether a value is an element of the space. */
export function contains(space: Space, value: unknown): boolean {
  if (space.kind === 'discrete')
    return Number.isInteger(value) && (value as number) >= 0 && (value as number) < space.n;
  if (!(value instanceof Float32Array) || value.length !== space.low.length) return false;
  return value.every((x, i) => x >= (space.low[i] as number) && x <= (space.high[i] as number));
}

/** Describes a value that should be an action, with its type: `Array [0, 0, 0]`. */
export function describeAction(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value !== 'object') return `${typeof value} ${String(value)}`;
  const type = value.constructor?.name ?? 'an object';
  const numbers = Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array;
  return numbers ? `${type} [${Array.from<unknown>(value).join(', ')}]` : type;
}

/** A random element: uniform where bounded on both sides, normal or exponential from the bound elsewhere, as Gymnasium does. */
export function sample<S extends Space>(space: S, random: Random): ElementOf<S>;
export function sample(space: Space, random: Random): Float32Array | number {
  if (space.kind === 'discrete') return random.integer(space.n);
  return space.low.map((low, i) => {
    const high = space.high[i] as number;
    if (Number.isFinite(low) && Number.isFinite(high)) return Math.min(high, random.uniform(low, high));
    if (Number.isFinite(low)) return low - Math.log(1 - random.uniform());
    if (Number.isFinite(high)) return high + Math.log(1 - random.uniform());
    return random.normal();
  });
}
