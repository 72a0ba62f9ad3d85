import type { EpisodeStart } from '../../episode.ts';
import type { FoundKey } from '../observation-keys.ts';

/** What the thread that reads and writes HDF5 is asked for. */
export type Hdf5Request =
  | { readonly kind: 'open'; readonly path: string }
  /** Goes on checking the file for references to others; to be repeated until it is `checked`. */
  | { readonly kind: 'check' }
  | { readonly kind: 'describe' }
  | { readonly kind: 'read'; readonly index: number; readonly keys: readonly string[] }
  | { readonly kind: 'create'; readonly path: string }
  | { readonly kind: 'write'; readonly name: string; readonly demonstration: Demonstration }
  | { readonly kind: 'finish'; readonly attributes: FileAttributes }
  | { readonly kind: 'close' };

/** Attributes of the group `data`, as texts. */
export interface FileAttributes {
  /** robomimic's: which environment, as JSON. */
  readonly environment: string | null;
  /** Ours: all metadata, as JSON. */
  readonly metadata: string | null;
  /** Transitions in the file. */
  readonly total: number;
}

/** How a step ended: the episode goes on, terminated with it, or was truncated after it. */
export const ENDS = { none: 0, terminated: 1, truncated: 2 } as const;

/** One recording in a file: an episode, or several in a row. */
export interface Demonstration {
  readonly observations: Float32Array;
  readonly nextObservations: Float32Array;
  readonly actions: Float32Array;
  readonly rewards: Float64Array;
  /** One of ENDS a step. */
  readonly ends: Uint8Array;
  /** Whether the goal was reached, one a step; null if the file does not say. */
  readonly successes: Uint8Array | null;
  /** How many transitions without a next observation were left out of it; null if the file has next observations. */
  readonly leftOut: number | null;
  /** Our attributes; null in files of others. */
  readonly end: 'terminated' | 'truncated' | null;
  readonly success: boolean | null;
  readonly start: EpisodeStart | null;
}

export interface FoundSplit {
  readonly name: string;
  /** Indexes of its recordings, in the file's order. */
  readonly recordings: readonly number[];
  /** Recordings that it names and the file lacks. */
  readonly missing: readonly string[];
}

/** What a file holds. */
export interface Description {
  /** Name of the layout. */
  readonly layout: string;
  readonly metadata: string | null;
  /** What the recordings are called, in the order in which they are read. */
  readonly recordings: readonly string[];
  /** Observations of the first recording. */
  readonly keys: readonly FoundKey[];
  readonly splits: readonly FoundSplit[];
}

export type Hdf5Reply =
  | {
      readonly ok: true;
      readonly checked?: boolean;
      readonly description?: Description;
      readonly demonstration?: Demonstration;
    }
  | {
      readonly ok: false;
      readonly reason: string;
      /** Whether the library itself did not fail, so that the thread can read other files. */
      readonly clean: boolean;
    };
