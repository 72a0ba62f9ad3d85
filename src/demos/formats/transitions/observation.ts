import { LIMITS } from '../../episode.ts';
import { DemonstrationFileError, shown } from '../../errors.ts';
import {
  chooseKeys,
  describeChoice,
  type FoundKey,
  type KeyChoice,
  listKeys,
  UndecidedObservationsError,
} from '../observation-keys.ts';
import { type FileLayout, refuseKeys, type Selection } from '../selection.ts';
import { entryOf, isNumeric, keysOf, kindOf, type Plain, shapeOf, typeOf } from './plain.ts';

/** More than any observation has, in depth and in parts. */
const MAX_DEPTH = 4;
const MAX_PARTS = 1000;

/** Chooses what is read of the observations in a file: the first one decides for all. */
export class ObservationSelector {
  private readonly path: string;
  private readonly selection: Selection;
  /** What the first observation has; no keys if it is no dict, null before it was read. */
  private found: readonly FoundKey[] | null = null;
  private choice: KeyChoice = { keys: [], undecided: null };

  constructor(path: string, selection: Selection) {
    this.path = path;
    this.selection = selection;
  }

  /** Null before the first observation was read. */
  get layout(): FileLayout | null {
    const { found, choice } = this;
    if (found === null) return null;
    const observationKeys = describeChoice(found, choice);
    return { name: 'transitions', observationKeys, splits: [], undecided: choice.undecided };
  }

  /**
   * Returns what of an observation is learned from: itself, or, if it is a dict, the chosen ones of its values.
   *
   * Throws UndecidedObservationsError; UsageError for a choice that the file does not have; DemonstrationFileError.
   *
   * @param rows whether each value has a row for every step of an episode.
   */
  select(value: Plain, rows: boolean): readonly Plain[] {
    const parts = keysOf(value) === null ? null : partsOf(value, '', 0);
    if (this.found === null) this.decide(parts, rows);
    const { undecided, keys } = this.choice;
    if (undecided !== null) throw new UndecidedObservationsError(undecided);
    if ((parts === null) !== (this.found?.length === 0))
      throw new DemonstrationFileError(`its observation is ${kindOf(value)}, unlike the first one of the file`);
    if (parts === null) return [value];
    return keys.map(key => {
      const part = parts.find(({ name }) => name === key);
      if (part !== undefined) return part.value;
      const has = listKeys(parts.map(each => describe(each, rows)));
      throw new DemonstrationFileError(`its observation has no "${shown(key, 60)}". It has ${has}`);
    });
  }

  private decide(parts: readonly Part[] | null, rows: boolean): void {
    if (parts === null) refuseKeys(this.path, this.selection);
    else if (parts.length === 0) throw new DemonstrationFileError('its observation is an empty dict');
    const found = parts?.map(part => describe(part, rows)) ?? [];
    if (parts !== null) this.choice = chooseKeys(this.path, found, this.selection.observationKeys);
    this.found = found;
  }
}

/** One value of an observation that is a dict, such as `state` or `images/front`. */
interface Part {
  readonly name: string;
  readonly value: Plain;
}

function partsOf(value: Plain, prefix: string, depth: number): Part[] {
  const keys = keysOf(value) ?? [];
  if (depth > MAX_DEPTH || keys.length > MAX_PARTS)
    throw new DemonstrationFileError('its observation is a dict nested too deep, or with too many keys');
  return keys.flatMap(key => {
    const part = entryOf(value, key);
    return keysOf(part) === null
      ? [{ name: `${prefix}${key}`, value: part }]
      : partsOf(part, `${prefix}${key}/`, depth + 1);
  });
}

function describe({ name, value }: Part, rows: boolean): FoundKey {
  return { name, shape: shapeOf(value).slice(rows ? 1 : 0), type: typeOf(value), isNumeric: isNumeric(value) };
}

/** Puts rows side by side. Throws DemonstrationFileError if that is more than is read. */
export function sideBySide(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  if (size > LIMITS.size) throw new DemonstrationFileError(`its observation has ${size} numbers`);
  const out = new Float32Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
