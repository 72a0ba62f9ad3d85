import { UsageError } from '../../common/errors.ts';
import { shown } from '../errors.ts';

/** Which part of a file is read; everything by default. Files without splits or named observations refuse to select one. */
export interface Selection {
  /** Only the episodes of this split, such as `train`. */
  readonly split?: string | undefined;
  /**
   * The named observations that make up an observation vector, side by side in this order; `a/b` is `b` within `a`, and `a`
   * all within it. By default all, in the order of their names; if there are images among them, the only vector.
   */
  readonly observationKeys?: readonly string[] | undefined;
}

/** One named observation of a file. */
export interface ObservationKey {
  /** Its path below the group of observations, such as `agent/qpos`. */
  readonly name: string;
  /** Shape in one step; empty for a single number. */
  readonly shape: readonly number[];
  /** Such as `float64` or `uint8`. */
  readonly type: string;
  /** Whether it is part of the observations that are read. */
  readonly used: boolean;
}

/** A named subset of a file's episodes. */
export interface Split {
  readonly name: string;
  readonly episodes: number;
}

/** How a file of another tool is laid out, and what of it is read. */
export interface FileLayout {
  readonly name: string;
  readonly observationKeys: readonly ObservationKey[];
  readonly splits: readonly Split[];
  /** Why no observations can be read without a choice of keys; null if they can. */
  readonly undecided: string | null;
}

/** Throws UsageError if observations are asked for by name, of a file whose observations have none. */
export function refuseKeys(path: string, { observationKeys }: Selection): void {
  if (observationKeys === undefined) return;
  throw new UsageError(
    `${path} has observations without keys, and ${shown(observationKeys.join(', '), 200)} is asked for: leave --obs-keys out.`,
  );
}
