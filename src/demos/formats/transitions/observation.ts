import { LIMITS } from '../../episode.ts';
import { DemonstrationFileError, shown } from '../../errors.ts';
import { NumpyArray } from '../pickle/numpy.ts';
import { entryOf, itemsOf, keysOf, kindOf, type Plain, shapeOf } from './plain.ts';

/** More than any observation has, in depth and in parts. */
const MAX_DEPTH = 4;
const MAX_PARTS = 1000;

/** One value of an observation that is a dict, such as `state` or `images/front`. */
export interface ObservationPart {
  readonly key: string;
  readonly value: Plain;
}

/**
 * What of an observation is learned from: itself, or, if it is a dict, the values of `keys` in their order.
 *
 * Without keys, a dict must have a single value that is no image: images are never taken for states unless asked for.
 * Throws DemonstrationFileError listing what the dict has.
 *
 * @param rows whether each value has a row for every step of an episode.
 */
export function selectObservation(
  value: Plain,
  keys: readonly string[] | undefined,
  rows: boolean,
): readonly ObservationPart[] {
  if (keysOf(value) === null) {
    if (keys === undefined) return [{ key: '', value }];
    throw new DemonstrationFileError(
      `its observation is ${kindOf(value)} without keys, and ${shown(keys.join(', '), 200)} is asked for: leave --obs-keys out`,
    );
  }
  const parts = partsOf(value, '', 0);
  if (keys !== undefined) return keys.flatMap(key => partsNamed(parts, key, rows));
  const states = parts.filter(part => !isImage(part.value, rows));
  if (states.length === 1) return states;
  const what = states.length === 0 ? 'only images' : `${states.length} values that are no images`;
  throw new DemonstrationFileError(
    `its observation has ${what}: ${list(parts, rows)}. Choose with --obs-keys, such as --obs-keys ${shown((states[0] ?? parts[0])?.key ?? 'state', 60)}`,
  );
}

/** A key means the value of that name, or all below it. */
function partsNamed(parts: readonly ObservationPart[], key: string, rows: boolean): readonly ObservationPart[] {
  const found = parts.filter(part => part.key === key || part.key.startsWith(`${key}/`));
  if (found.length > 0) return found;
  throw new DemonstrationFileError(`its observation has no "${shown(key, 60)}". It has ${list(parts, rows)}`);
}

function partsOf(value: Plain, prefix: string, depth: number): ObservationPart[] {
  const keys = keysOf(value) ?? [];
  if (depth > MAX_DEPTH || keys.length > MAX_PARTS)
    throw new DemonstrationFileError('its observation is a dict nested too deep, or with too many keys');
  return keys.flatMap(key => {
    const part = entryOf(value, key);
    return keysOf(part) === null
      ? [{ key: `${prefix}${key}`, value: part }]
      : partsOf(part, `${prefix}${key}/`, depth + 1);
  });
}

/** Whether a value has rows, columns and perhaps channels: bytes of two axes or more, anything of three. */
function isImage(value: Plain, rows: boolean): boolean {
  const axes = shapeOf(value).length - (rows ? 1 : 0);
  return axes >= 3 || (axes === 2 && value instanceof NumpyArray && value.typeName === 'u1');
}

/** `state (1, 7) f4, images/front (128, 128, 3) u1` */
function list(parts: readonly ObservationPart[], rows: boolean): string {
  const texts = parts.slice(0, 20).map(({ key, value }) => {
    const shape = shapeOf(value).slice(rows ? 1 : 0);
    const what =
      value instanceof NumpyArray || itemsOf(value) !== null || typeof value === 'number'
        ? `(${shape.slice(0, 8).join(', ')})`
        : kindOf(value);
    return `${shown(key, 60)} ${what}${value instanceof NumpyArray ? ` ${value.typeName}` : ''}`;
  });
  return parts.length > 20 ? `${texts.join(', ')} and ${parts.length - 20} more` : texts.join(', ');
}

/** Puts rows side by side. Throws DemonstrationFileError if that is more than is read. */
export function sideBySide(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  if (size < 1 || size > LIMITS.size) throw new DemonstrationFileError(`its observation has ${size} numbers`);
  const out = new Float32Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
