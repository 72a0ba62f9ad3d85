import type { EpisodeStart } from '../../episode.ts';

/** What the thread that reads and writes HDF5 is asked for. */
export type Hdf5Request =
  | { readonly kind: 'open'; readonly path: string }
  | { readonly kind: 'read'; readonly name: string }
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

/** One group `data/demo_N`. */
export interface Demonstration {
  readonly observations: Float32Array;
  readonly nextObservations: Float32Array;
  readonly actions: Float32Array;
  readonly rewards: Float64Array;
  readonly dones: Uint8Array;
  /** Our attributes; null in files of others. */
  readonly end: 'terminated' | 'truncated' | null;
  readonly success: boolean | null;
  readonly start: EpisodeStart | null;
}

export interface Opened {
  readonly metadata: string | null;
  /** Names of the groups in `data`. */
  readonly names: readonly string[];
}

export type Hdf5Reply =
  | { readonly ok: true; readonly opened?: Opened; readonly demonstration?: Demonstration }
  | {
      readonly ok: false;
      readonly reason: string;
    };
