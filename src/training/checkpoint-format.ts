import { isRecord } from '../common/is-record.ts';
import type { StateDict, StateValue } from '../common/state-dict.ts';

/*
 * A checkpoint file, all numbers little-endian:
 *
 *   8 bytes  magic
 *   4 bytes  format version
 *   4 bytes  length of the header
 *   header   JSON, padded with spaces to a multiple of 8 bytes
 *   arrays   raw, each padded with zeros to a multiple of 8 bytes, in the header's order
 *   32 bytes SHA-256 of all that comes before
 *
 * In the header's tree an array is {"$array": index} and a number JSON has no word for is {"$number": "NaN"}.
 */

/** A byte over 127 first, as PNG has it, so that no text file begins so; a line end that careless copying would alter. */
export const MAGIC = Uint8Array.of(0x89, 0x47, 0x42, 0x43, 0x4b, 0x0d, 0x0a, 0x1a);
export const FORMAT_VERSION = 1;
export const PREFIX_BYTES = 16;
export const DIGEST_BYTES = 32;
/** Bounds of what is decoded, far above anything written. */
export const MAX_HEADER_BYTES = 16 << 20;
const MAX_DEPTH = 32;

const ARRAY_TYPES = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint8: Uint8Array,
} as const;

export type ArrayType = keyof typeof ARRAY_TYPES;
export type StateArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** What can be said about a checkpoint without reading its arrays. */
export interface CheckpointMeta {
  /** All that the training depends on, so that a checkpoint can be used wherever it is copied to. */
  readonly config: { readonly env: string; readonly algorithm: string } & Readonly<Record<string, unknown>>;
  /** The id of the run that it belongs to, as in the run's config.json. */
  readonly run?: string;
  /** Environment steps taken. */
  readonly envSteps: number;
  /** Updates made. */
  readonly updates: number;
  /** The deterministic evaluation made at this very point, if one was. */
  readonly evaluation: { readonly episodes: number; readonly successRate: number; readonly meanReturn: number } | null;
}

export interface ArrayEntry {
  readonly type: ArrayType;
  readonly length: number;
}

export interface CheckpointHeader {
  readonly format: 'graspbridge-checkpoint';
  readonly meta: CheckpointMeta;
  readonly state: unknown;
  readonly arrays: readonly ArrayEntry[];
}

/** Rounded up to a multiple of 8, so that every array may be viewed where it lies. */
export function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

export function bytesOf(entry: ArrayEntry): number {
  return entry.length * ARRAY_TYPES[entry.type].BYTES_PER_ELEMENT;
}

/** An empty array of the entry's type and length. */
export function allocate(entry: ArrayEntry): StateArray {
  return new ARRAY_TYPES[entry.type](entry.length);
}

function typeOf(array: StateArray): ArrayType {
  // The table's own keys, widened by Object.entries.
  for (const [name, type] of Object.entries(ARRAY_TYPES)) if (array instanceof type) return name as ArrayType;
  throw new TypeError('A checkpoint was asked to hold an array of a type it has no name for.');
}

/** Takes the arrays out of a state: a tree of JSON values, and the arrays it points to. The arrays are not copied. */
export function flatten(state: StateDict): { readonly tree: unknown; readonly arrays: StateArray[] } {
  const arrays: StateArray[] = [];
  const visit = (value: StateValue): unknown => {
    if (ArrayBuffer.isView(value)) return { $array: arrays.push(value) - 1 };
    if (typeof value === 'number')
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? '-0' : String(value) };
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(visit);
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        if (key.startsWith('$')) throw new TypeError(`A state's key may not begin with $, but one is "${key}".`);
        if (item === undefined) throw new TypeError(`A state's values must be data, but "${key}" is undefined.`);
        return [key, visit(item)];
      }),
    );
  };
  return { tree: visit(state), arrays };
}

export function entryOf(array: StateArray): ArrayEntry {
  return { type: typeOf(array), length: array.length };
}

/** Puts the arrays back into the tree. Throws RangeError, saying what is wrong, where the tree is not one of ours. */
export function unflatten(tree: unknown, arrays: readonly StateArray[]): StateDict {
  const visit = (value: unknown, depth: number): StateValue => {
    if (depth > MAX_DEPTH) throw new RangeError(`its state is nested more than ${MAX_DEPTH} deep`);
    if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
      return value;
    if (Array.isArray(value)) return value.map(item => visit(item, depth + 1));
    const entries = Object.entries(value as object);
    const [key, item] = entries[0] ?? [];
    if (key === '$array') {
      const array = arrays[Number(item)];
      if (array === undefined) throw new RangeError(`its state points to an array ${String(item)} that is not there`);
      return array;
    }
    if (key === '$number') return Number(item);
    return Object.fromEntries(entries.map(([name, child]) => [name, visit(child, depth + 1)]));
  };
  const state = visit(tree, 0);
  if (state === null || typeof state !== 'object' || Array.isArray(state) || ArrayBuffer.isView(state))
    throw new RangeError('its state is not a dictionary');
  return state as StateDict; // All other kinds of value were just excluded; Array.isArray does not narrow readonly arrays.
}

/** Checks what a header's text says. Throws RangeError with the reason where it is not a header of ours. */
export function parseHeader(text: string): CheckpointHeader {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw new RangeError('its header is not JSON');
  }
  if (!isRecord(header) || header.format !== 'graspbridge-checkpoint')
    throw new RangeError('its header is not that of a checkpoint');
  const { meta, arrays } = header;
  if (!isRecord(meta) || !isRecord(meta.config)) throw new RangeError('its header does not say what it is of');
  if (typeof meta.config.env !== 'string' || typeof meta.config.algorithm !== 'string')
    throw new RangeError('its header does not say which environment and algorithm it is of');
  if (meta.run !== undefined && typeof meta.run !== 'string') throw new RangeError('its run is malformed');
  if (!isCount(meta.envSteps) || !isCount(meta.updates)) throw new RangeError('its header has no step counts');
  if (meta.evaluation !== null && !isEvaluation(meta.evaluation)) throw new RangeError('its evaluation is malformed');
  if (!Array.isArray(arrays) || !arrays.every(isArrayEntry)) throw new RangeError('its list of arrays is malformed');
  return header as unknown as CheckpointHeader; // Every field used later has just been checked.
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isEvaluation(value: unknown): boolean {
  return isRecord(value) && typeof value.successRate === 'number' && typeof value.meanReturn === 'number';
}

function isArrayEntry(value: unknown): value is ArrayEntry {
  return (
    isRecord(value) && typeof value.type === 'string' && Object.hasOwn(ARRAY_TYPES, value.type) && isCount(value.length)
  );
}
