import { isRecord } from '../../../common/is-record.ts';
import { LIMITS } from '../../episode.ts';
import { DemonstrationFileError } from '../../errors.ts';
import { NumpyArray } from '../pickle/numpy.ts';
import { kindOf as kindOfPickled, PickleDict, PickleList, PickleTuple, type PickleValue } from '../pickle/values.ts';

/** A value of a pickle or of JSON: numbers, texts, arrays, lists and dicts. */
export type Plain = unknown;

/** The items of a list, tuple or array of objects (row by row, if it has rows); null for anything else. */
export function itemsOf(value: Plain): readonly Plain[] | null {
  if (Array.isArray(value)) return value;
  if (value instanceof PickleList || value instanceof PickleTuple) return value.items;
  if (!(value instanceof NumpyArray) || value.objects === null) return null;
  const { objects, shape } = value;
  const width = objects.length / (shape[0] ?? 1);
  if (shape.length < 2 || width < 1) return objects;
  return Array.from({ length: shape[0] as number }, (_, i) => objects.slice(i * width, (i + 1) * width));
}

/** What a dict has for a key; undefined if it lacks it, or is no dict. */
export function entryOf(value: Plain, key: string): Plain {
  if (value instanceof PickleDict) return value.entries.get(key);
  return isDict(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The keys of a dict; null for anything else. */
export function keysOf(value: Plain): readonly string[] | null {
  if (value instanceof PickleDict) return [...value.entries.keys()];
  return isDict(value) ? Object.keys(value) : null;
}

function isDict(value: Plain): value is Readonly<Record<string, unknown>> {
  return (
    isRecord(value) && (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)
  );
}

/** Lists within lists; no array of numbers has more axes. */
const MAX_AXES = 8;

/** The sizes of an array's axes, as far as they are known without looking at every row; `[]` for one number. */
export function shapeOf(value: Plain, depth = 0): readonly number[] {
  if (value instanceof NumpyArray && value.objects === null) return value.shape;
  const items = itemsOf(value);
  if (items === null || depth === MAX_AXES) return [];
  return [items.length, ...(items.length === 0 ? [] : shapeOf(items[0], depth + 1))];
}

/** Whether a value is made of numbers or booleans, as far as its first one tells. */
export function isNumeric(value: Plain, depth = 0): boolean {
  if (value instanceof NumpyArray && value.objects === null) return true;
  const items = itemsOf(value);
  if (items === null) return typeof value === 'number' || typeof value === 'boolean';
  return depth < MAX_AXES && isNumeric(items[0], depth + 1);
}

/** `float32` or `uint8` for an array of numpy, `numbers` for a list of them, and what else a value is. */
export function typeOf(value: Plain): string {
  if (value instanceof NumpyArray && value.objects === null) return longName(value.typeName);
  return isNumeric(value) ? 'numbers' : kindOf(value);
}

/** `f4` is float32, and so on. */
function longName(name: string): string {
  if (name === 'b1') return 'bool';
  const kind = { f: 'float', i: 'int', u: 'uint' }[name[0] ?? ''] ?? '';
  return `${kind}${8 * Number(name.slice(1))}`;
}

/** An array or nested lists of any shape, row by row, or one number. */
export function readVector(value: Plain, what: string): Float32Array {
  const isNumpy = value instanceof NumpyArray && value.objects === null;
  const items = isNumpy ? null : flatten(value, what);
  const length = isNumpy ? value.length : (items?.length ?? 0);
  if (length < 1 || length > LIMITS.size) throw new DemonstrationFileError(`its ${what} has ${length} numbers`);
  return isNumpy ? value.toFloat32() : Float32Array.from(items ?? [], item => readScalar(item, what));
}

/** The single values of lists within lists that are all of one length. */
function flatten(value: Plain, what: string, depth = 0): readonly Plain[] {
  const items = itemsOf(value);
  if (items === null) return [value];
  const width = itemsOf(items[0])?.length;
  if (width === undefined) return items;
  if (depth === MAX_AXES || items.some(item => itemsOf(item)?.length !== width))
    throw new DemonstrationFileError(`its ${what} is made of lists that differ in length`);
  if (items.length * width > LIMITS.size)
    throw new DemonstrationFileError(`its ${what} has ${items.length * width} numbers`);
  return items.flatMap(item => flatten(item, what, depth + 1));
}

/** One number. */
export function readScalar(value: Plain, what: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof NumpyArray && value.objects === null) return value.toNumber();
  throw new DemonstrationFileError(`its ${what} is ${kindOf(value)}`);
}

/** One number that means yes unless it is 0. */
export function readFlag(value: Plain, what: string): boolean {
  const number = readScalar(value, what);
  if (Number.isNaN(number)) throw new DemonstrationFileError(`its ${what} is NaN, which is neither true nor false`);
  return number !== 0;
}

/** What a value is, in words. */
export function kindOf(value: Plain): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isDict(value)) return `an object with ${Object.keys(value).length} keys`;
  return kindOfPickled(value as PickleValue); // All else is the same in both.
}
