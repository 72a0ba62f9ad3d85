import { UsageError } from '../../../common/errors.ts';
import { nearMatch } from '../../../common/near-match.ts';
import { shown } from '../../errors.ts';
import type { Selection } from '../selection.ts';
import type { Description, FoundKey } from './messages.ts';

/** What of a file is read. */
export interface Choice {
  /** Indexes of recordings. */
  readonly recordings: readonly number[];
  /** Observations side by side, in this order. */
  readonly keys: readonly string[];
  /** Why the observations must be chosen by name; null if that is clear. */
  readonly undecided: string | null;
}

/**
 * Which recordings and observations are read: those that were asked for; by default all recordings, and all observations
 * in the order of their names, unless there are images among them.
 *
 * Throws UsageError for a split or a key that the file does not have.
 */
export function choose(path: string, description: Description, { split, observationKeys }: Selection): Choice {
  const recordings = split === undefined ? description.recordings.map((_, i) => i) : ofSplit(path, description, split);
  const { keys } = description;
  if (observationKeys !== undefined) {
    checkKeys(path, keys, observationKeys);
    return { recordings, keys: observationKeys, undecided: null };
  }
  const images = keys.filter(isImage);
  const others = keys.filter(key => !isImage(key)).map(({ name }) => name);
  if (images.length === 0) return { recordings, keys: others, undecided: null };
  const names = images.map(({ name, shape }) => `${shown(name, 60)} (${shape.join(', ')})`).join(', ');
  const command = `--obs-keys ${others.length === 0 ? (images[0] as FoundKey).name : others.join(',')}`;
  return {
    recordings,
    keys: [],
    undecided: `its observations have images among them, which are only read by name: ${names}. Choose observations, such as ${command}`,
  };
}

/** Whether one step of it is no vector: an image, or another array of several axes. */
function isImage({ shape }: FoundKey): boolean {
  return shape.length > 1;
}

function ofSplit(path: string, { layout, splits, recordings }: Description, wanted: string): readonly number[] {
  const found = splits.find(({ name }) => name === wanted);
  if (found === undefined) {
    const names = splits.map(({ name }) => name);
    throw new UsageError(
      names.length === 0
        ? `${path} has no split "${wanted}": it has no splits at all (${layout} layout). Leave --split out.`
        : `${path} has no split "${wanted}". It has ${list(names)}.${suggestion(wanted, names)}`,
    );
  }
  if (found.missing.length > 0)
    throw new UsageError(
      `${path} has a split "${wanted}" that names ${list(found.missing)}, but no such recordings: it has ${list(recordings)}.`,
    );
  if (found.recordings.length === 0) throw new UsageError(`${path} has a split "${wanted}" without any recordings.`);
  return found.recordings;
}

function checkKeys(path: string, keys: readonly FoundKey[], wanted: readonly string[]): void {
  const names = keys.map(({ name }) => name);
  const unknown = wanted.filter(name => !names.includes(name));
  if (unknown.length > 0)
    throw new UsageError(
      `${path} has no observation ${list(unknown)}. It has ${list(names)}.${suggestion(unknown[0] as string, names)}`,
    );
  const twice = wanted.filter((name, i) => wanted.indexOf(name) < i);
  if (twice.length > 0) throw new UsageError(`--obs-keys names ${list(twice)} more than once. Name each once.`);
}

/** ` Did you mean "x"?` for a near match, otherwise nothing. */
function suggestion(wanted: string, names: readonly string[]): string {
  const near = nearMatch(wanted, names);
  return near === undefined ? '' : ` Did you mean "${shown(near, 60)}"?`;
}

function list(names: readonly string[]): string {
  const shownNames = names.slice(0, 20).map(name => shown(name, 60));
  return `${shownNames.join(', ')}${names.length > shownNames.length ? ' …' : ''}`;
}
