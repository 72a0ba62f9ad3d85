/** A demonstration file as a configuration names it. */
export interface DemonstrationFile {
  /** Absolute. */
  readonly path: string;
  /** SHA-256 of its content, hexadecimal; null until it was read. */
  readonly sha256: string | null;
}

/**
 * How demonstrations enter the learning.
 *
 * `mix`: half of every batch is drawn from them (Ball et al. 2023, RLPD, https://arxiv.org/abs/2302.02948).
 * `preload`: they are the replay buffer's first transitions, and are overwritten first once it is full.
 * `original`: all of them are appended to every batch, as the original's training did.
 */
export const DEMO_MODES = ['mix', 'preload', 'original'] as const;
export type DemoMode = (typeof DEMO_MODES)[number];

/** What a training's configuration says of demonstrations. */
export interface DemonstrationsConfig {
  readonly demos: readonly DemonstrationFile[];
  /** Only the episodes of this split of each file, which must have it; all by default. */
  readonly demoSplit?: string | undefined;
  /** The named observations that make up an observation, side by side; all vectors of a file by default. */
  readonly demoObservationKeys?: readonly string[] | undefined;
  readonly demoMode: DemoMode;
  /** How much of what is sampled comes from each file, in any unit; by their transitions where left out. */
  readonly demoWeights?: readonly number[] | undefined;
  /** Updates that clone the demonstrated behaviour, before the first episode. */
  readonly pretrain: number;
  /** Share of the episodes that start in demonstrated states, 0 … 1. */
  readonly demoResets: number;
  /** Bytes of demonstrations that are held; of more transitions, a uniform sample is drawn once. */
  readonly demoCache: number;
}

/** More transitions than this in every batch would make an update of seconds. */
export const MOST_APPENDED = 20_000;
