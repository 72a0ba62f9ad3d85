/** What a policy thinks of the moment, for people. */
export interface Insight {
  /** What the critic expects from here. */
  readonly value: number | null;
  /** Standard deviation of each number of the action, before squashing. */
  readonly deviation: readonly number[] | null;
}

/** Whoever acts: a trained policy, an expert. */
export interface Pilot {
  /** Called where an episode starts. */
  reset?(): void;
  /** A normalized action, `[action]`; belongs to the caller. */
  act(observation: Float32Array): Promise<Float32Array>;
  inspect?(observation: Float32Array, action: Float32Array): Promise<Insight>;
}
