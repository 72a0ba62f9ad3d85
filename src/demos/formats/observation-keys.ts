import { UsageError } from '../../common/errors.ts';
import { nearMatch } from '../../common/near-match.ts';
import { DemonstrationFileError, shown } from '../errors.ts';
import type { ObservationKey } from './selection.ts';

/** One named observation, with its shape in one step. */
export interface FoundKey {
  readonly name: string;
  readonly shape: readonly number[];
  /** Such as `float64` or `uint8`. */
  readonly type: string;
  /** Whether it is made of numbers or booleans. */
  readonly isNumeric: boolean;
}

/** The observations that are read. */
export interface KeyChoice {
  /** Side by side, in this order. */
  readonly keys: readonly string[];
  /** Why the observations must be chosen by name; null if that is clear. */
  readonly undecided: string | null;
}

/** The observations of a file must be chosen by name. Whatever else is wrong with its parts does not matter then. */
export class UndecidedObservationsError extends DemonstrationFileError {}

/**
 * Chooses the observations that are read: the wanted ones, in that order, where the name of a group means all below it.
 *
 * By default all, in the order of their names. If there are images or other values that are no vectors among them, the
 * only vector is read; if there are several vectors, or none, the choice is undecided.
 *
 * Throws UsageError for a key that the file does not have, and for one that is named twice.
 */
export function chooseKeys(path: string, found: readonly FoundKey[], wanted: readonly string[] | undefined): KeyChoice {
  if (wanted !== undefined) return { keys: wantedKeys(path, found, wanted), undecided: null };
  const vectors = found
    .filter(isVector)
    .map(({ name }) => name)
    .sort();
  const others = found.filter(key => !isVector(key));
  if (others.length === 0 || vectors.length === 1) return { keys: vectors, undecided: null };
  const command = `--obs-keys ${vectors.length === 0 ? (others[0] as FoundKey).name : vectors.join(',')}`;
  return {
    keys: [],
    undecided: `its observations have images or other values among them that are no vectors, and are only read by name: ${listKeys(found)}. Choose observations, such as ${shown(command, 200)}`,
  };
}

/** What a file says of the observations in it. */
export function describeChoice(found: readonly FoundKey[], { keys }: KeyChoice): readonly ObservationKey[] {
  return found.map(({ name, shape, type }) => ({ name, shape, type, used: keys.includes(name) }));
}

/** `position (2) float32, camera (64, 64, 3) uint8` */
export function listKeys(found: readonly FoundKey[]): string {
  const texts = found
    .slice(0, 20)
    .map(({ name, shape, type }) => `${shown(name, 60)} (${shape.slice(0, 8).join(', ')}) ${shown(type, 40)}`);
  return found.length > texts.length ? `${texts.join(', ')} and ${found.length - texts.length} more` : texts.join(', ');
}

/** Whether one step of it is a vector, perhaps with further axes of length 1; images have two or three longer axes. */
function isVector({ shape, isNumeric }: FoundKey): boolean {
  return isNumeric && shape.filter(size => size !== 1).length <= 1;
}

function wantedKeys(path: string, found: readonly FoundKey[], wanted: readonly string[]): readonly string[] {
  const names = found.map(({ name }) => name);
  const below = (key: string) => names.filter(name => name === key || name.startsWith(`${key}/`)).sort();
  const unknown = wanted.filter(key => below(key).length === 0);
  if (unknown.length > 0) {
    const near = nearMatch(unknown[0] as string, names);
    throw new UsageError(
      `${path} has no observation ${listNames(unknown)}. It has ${listNames(names)}.${near === undefined ? '' : ` Did you mean "${shown(near, 60)}"?`}`,
    );
  }
  const keys = wanted.flatMap(below);
  const twice = keys.filter((name, i) => keys.indexOf(name) < i);
  if (twice.length > 0) throw new UsageError(`--obs-keys names ${listNames(twice)} more than once. Name each once.`);
  return keys;
}

/** Names of a file for an error. */
export function listNames(names: readonly string[]): string {
  const texts = names.slice(0, 20).map(name => shown(name, 60));
  return `${texts.join(', ')}${names.length > texts.length ? ' …' : ''}`;
}
