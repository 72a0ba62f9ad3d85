import { UsageError } from '../../../common/errors.ts';
import { nearMatch } from '../../../common/near-match.ts';
import { shown } from '../../errors.ts';
import { chooseKeys, type KeyChoice, listNames } from '../observation-keys.ts';
import type { Selection } from '../selection.ts';
import type { Description } from './messages.ts';

/** What of a file is read. */
export interface Choice extends KeyChoice {
  /** Indexes of recordings. */
  readonly recordings: readonly number[];
}

/**
 * Which recordings and observations are read: those that were asked for; all recordings by default.
 *
 * Throws UsageError for a split or a key that the file does not have.
 */
export function choose(path: string, description: Description, { split, observationKeys }: Selection): Choice {
  const recordings = split === undefined ? description.recordings.map((_, i) => i) : ofSplit(path, description, split);
  return { recordings, ...chooseKeys(path, description.keys, observationKeys) };
}

function ofSplit(path: string, { layout, splits, recordings }: Description, wanted: string): readonly number[] {
  const found = splits.find(({ name }) => name === wanted);
  if (found === undefined) {
    const names = splits.map(({ name }) => name);
    const near = nearMatch(wanted, names);
    throw new UsageError(
      names.length === 0
        ? `${path} has no split "${wanted}": it has no splits at all (${layout} layout). Leave --split out.`
        : `${path} has no split "${wanted}". It has ${listNames(names)}.${near === undefined ? '' : ` Did you mean "${shown(near, 60)}"?`}`,
    );
  }
  if (found.missing.length > 0)
    throw new UsageError(
      `${path} has a split "${wanted}" that names ${listNames(found.missing)}, but no such recordings: it has ${listNames(recordings)}.`,
    );
  if (found.recordings.length === 0) throw new UsageError(`${path} has a split "${wanted}" without any recordings.`);
  return found.recordings;
}
