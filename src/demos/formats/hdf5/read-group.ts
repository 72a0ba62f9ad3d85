import { Dataset, type File, Group } from 'h5wasm/node';
import { checkEpisodeSize, LIMITS } from '../../episode.ts';
import { DemonstrationFileError, shown } from '../../errors.ts';
import { readStart } from '../json/episode-json.ts';
import type { Demonstration, Opened } from './messages.ts';

/** No text of ours is longer. */
const MAX_TEXT = 16 << 20;
const MAX_GROUPS = 1_000_000;

/** What the group `data` says, and which demonstrations it has, in the order of their numbers. */
export function readData(file: File): Opened {
  const data = file.get('data');
  if (!(data instanceof Group)) throw new DemonstrationFileError('it has no group "data", as robomimic lays it out');
  const names = data.keys();
  if (names.length > MAX_GROUPS) throw new DemonstrationFileError(`it has more than ${MAX_GROUPS} demonstrations`);
  const number = (name: string) => Number(/\d+$/.exec(name)?.[0] ?? 0);
  return { metadata: readText(data, 'graspbridge'), names: names.sort((a, b) => number(a) - number(b)) };
}

/** Reads `data/NAME`. Throws DemonstrationFileError saying what is wrong with it. */
export function readDemonstration(file: File, name: string): Demonstration {
  const group = file.get(`data/${name}`);
  if (!(group instanceof Group)) throw new DemonstrationFileError('it is no group');
  const rewards = readNumbers(group, 'rewards', null);
  const length = rewards.length;
  if (length < 1) throw new DemonstrationFileError('it has no rewards');
  const observations = readObservations(group, 'obs', length);
  const nextObservations = readObservations(group, 'next_obs', length);
  if (observations.length !== nextObservations.length)
    throw new DemonstrationFileError('its obs and next_obs differ in size');
  const actions = toFloat32(readNumbers(group, 'actions', length));
  checkEpisodeSize(length, 2 * observations.byteLength + actions.byteLength);
  const end = readText(group, 'end');
  const success = readText(group, 'success');
  const start = readText(group, 'start');
  return {
    observations,
    nextObservations,
    actions,
    rewards: rewards instanceof Float64Array ? rewards : Float64Array.from<number | bigint>(rewards, Number),
    dones: Uint8Array.from<number | bigint>(readNumbers(group, 'dones', length), done => (Number(done) === 0 ? 0 : 1)),
    end: end === 'terminated' || end === 'truncated' ? end : null,
    success: success === 'true' ? true : success === 'false' ? false : null,
    start: start === null ? null : readStart(parse(start)),
  };
}

/** One dataset, or a group of several, whose numbers are put side by side in the order of their names. */
function readObservations(group: Group, name: string, length: number): Float32Array {
  const found = group.get(name);
  if (!(found instanceof Group)) return toFloat32(readNumbers(group, name, length));
  const parts = found
    .keys()
    .sort()
    .map(key => toFloat32(readNumbers(found, key, length)));
  if (parts.length === 1) return parts[0] as Float32Array;
  const sizes = parts.map(part => part.length / length);
  const size = sizes.reduce((sum, part) => sum + part, 0);
  if (size < 1 || size > LIMITS.size) throw new DemonstrationFileError(`its ${name} has ${size} numbers a step`);
  checkEpisodeSize(length, 4 * length * size);
  const out = new Float32Array(length * size);
  let column = 0;
  for (const [i, part] of parts.entries()) {
    const width = sizes[i] as number;
    for (let row = 0; row < length; row++) out.set(part.subarray(row * width, (row + 1) * width), row * size + column);
    column += width;
  }
  return out;
}

type Numbers = Float32Array | Float64Array | Uint8Array | Int32Array | BigInt64Array;

function toFloat32(numbers: Numbers): Float32Array {
  return numbers instanceof Float32Array ? numbers : Float32Array.from<number | bigint>(numbers, Number);
}

/** Reads a dataset of numbers with so many rows (any, where null). Its size is checked before it is read. */
function readNumbers(group: Group, name: string, rows: number | null): Numbers {
  const dataset = group.get(name);
  if (!(dataset instanceof Dataset)) throw new DemonstrationFileError(`it has no dataset "${shown(name, 40)}"`);
  const { shape, dtype } = dataset;
  if (shape === null || shape.length < 1 || (rows !== null && shape[0] !== rows))
    throw new DemonstrationFileError(
      `its ${shown(name, 40)} has shape (${(shape ?? []).slice(0, 8).join(', ')})${rows === null ? '' : `, and there are ${rows} rewards`}`,
    );
  const count = shape.reduce((product, n) => product * n, 1);
  checkEpisodeSize(shape[0] as number, 8 * count);
  if (typeof dtype !== 'string' || !/^[<>|][fiub]\d?$|^[<>|]?[bBhHiIlLqQfd]$/.test(dtype))
    throw new DemonstrationFileError(`its ${shown(name, 40)} is not made of numbers`);
  const { value } = dataset;
  if (!ArrayBuffer.isView(value) && !Array.isArray(value))
    throw new DemonstrationFileError(`its ${shown(name, 40)} is not made of numbers`);
  if (Array.isArray(value)) return Float64Array.from(value, Number);
  return value as Numbers; // The types above come as typed arrays.
}

/** A text attribute; null where there is none. */
function readText(group: Group, name: string): string | null {
  const attribute = group.attrs[name];
  if (attribute === undefined) return null;
  const { size } = attribute.metadata;
  if (size > MAX_TEXT) throw new DemonstrationFileError(`its attribute "${name}" has ${size} bytes`);
  const { value } = attribute;
  if (typeof value !== 'string' || value.length > MAX_TEXT)
    throw new DemonstrationFileError(`its attribute "${name}" is no text`);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DemonstrationFileError('one of its attributes is not JSON');
  }
}
