import { DemonstrationFileError, shown } from '../errors.ts';

/** Which part of a file is read; everything by default. Files without splits or named observations refuse to select one. */
export interface Selection {
  /** Only the episodes of this split, such as `train`. */
  readonly split?: string | undefined;
  /**
   * The named observations that make up an observation vector, side by side in this order; `a/b` is `b` within `a`. By
   * default all of an HDF5 file that are no images, and the only one of a dict in a pickle or JSON that is no image.
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
  /** What was filled in or left out to make transitions of it. */
  readonly notes: readonly string[];
  /** Why no observations can be read without a choice of keys; null if they can. */
  readonly undecided: string | null;
}

/** Throws DemonstrationFileError if observations are asked for by name, of a file whose observations have none. */
export function refuseKeys({ observationKeys }: Selection): void {
  if (observationKeys === undefined) return;
  throw new DemonstrationFileError(
    `its observations have no keys, and ${shown(observationKeys.join(', '), 200)} is asked for: leave --obs-keys out`,
  );
}
