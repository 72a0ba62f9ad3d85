import { checkEpisodeSize } from '../../../episode.ts';
import type { FoundKey } from '../../observation-keys.ts';
import { type Demonstration, ENDS, type FoundSplit } from '../messages.ts';

/** One way in which tools put recordings into an HDF5 file, found in an open file. */
export interface Layout {
  readonly name: string;
  /** Ours, as JSON; null in files of others. */
  readonly metadata: string | null;
  /** What the recordings are called, in the order in which they are read. */
  readonly recordings: readonly string[];
  readonly splits: readonly FoundSplit[];
  /** Observations of the first recording. */
  keys(): readonly FoundKey[];
  /** Reads one recording with these observations side by side. Throws DemonstrationFileError. */
  read(index: number, keys: readonly string[]): Demonstration;
}

/** More recordings than any file has. */
export const MAX_RECORDINGS = 1_000_000;

/** Names in the order of the number that each ends with. */
export function inNumericOrder(names: readonly string[]): readonly string[] {
  const number = (name: string) => Number(/\d+$/.exec(name)?.[0] ?? 0);
  return [...names].sort((a, b) => number(a) - number(b));
}

/** Rows of a recording, each with what was done in it. */
export type Steps = Pick<Demonstration, 'observations' | 'actions' | 'rewards' | 'ends' | 'successes'>;

const OTHERS_SAY_NOTHING = { end: null, success: null, start: null } as const;

/** The recording of a tool that stores one observation more than actions. */
export function withFinalObservation(steps: Steps, size: number): Demonstration {
  const { observations, ...others } = steps;
  return checked({
    ...others,
    observations: observations.subarray(0, observations.length - size),
    nextObservations: observations.subarray(size),
    leftOut: null,
    ...OTHERS_SAY_NOTHING,
  });
}

/**
 * The recording of a tool that stores no next observations: each is the observation of the following row.
 *
 * After the last row there is none. If the episode terminated there, it has no value in learning, and the last observation
 * stands in its place; otherwise the last transition is left out.
 */
export function withFollowingRows(steps: Steps, size: number): Demonstration {
  const { observations, actions, rewards, ends, successes } = steps;
  const length = rewards.length;
  const following = observations.subarray(size);
  if (ends[length - 1] === ENDS.terminated) {
    const nextObservations = new Float32Array(observations.length);
    nextObservations.set(following);
    nextObservations.set(observations.subarray(observations.length - size), observations.length - size);
    return checked({ ...steps, nextObservations, leftOut: 0, ...OTHERS_SAY_NOTHING });
  }
  const kept = length - 1;
  return checked({
    observations: observations.subarray(0, kept * size),
    nextObservations: following,
    actions: actions.subarray(0, kept * (actions.length / length)),
    rewards: rewards.subarray(0, kept),
    ends: ends.subarray(0, kept),
    successes: successes?.subarray(0, kept) ?? null,
    leftOut: 1,
    ...OTHERS_SAY_NOTHING,
  });
}

/** Throws DemonstrationFileError for a recording beyond all bounds. */
export function checked(demonstration: Demonstration): Demonstration {
  const { observations, actions, rewards } = demonstration;
  checkEpisodeSize(rewards.length, 2 * observations.byteLength + actions.byteLength);
  return demonstration;
}

/** One of ENDS a step, from flags; what terminated was not truncated. */
export function endsOf(terminated: Uint8Array, truncated: Uint8Array | null): Uint8Array {
  return terminated.map((flag, i) =>
    flag === 1 ? ENDS.terminated : truncated?.[i] === 1 ? ENDS.truncated : ENDS.none,
  );
}
