import { DemonstrationFileError } from './errors.ts';

/** How an episode came about, so that it can be begun again: what the environment's reset was given. */
export interface EpisodeStart {
  readonly seed: number;
  /** What of the start was fixed, as `reset({ options })` takes it. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Steps that a person took over from the policy: from each first number up to, and without, the second. */
  readonly interventions?: readonly (readonly [from: number, to: number])[];
}

/** One demonstrated episode: transitions in a row, in flat arrays. */
export interface Episode {
  /** Transitions, at least one. */
  readonly length: number;
  /** `[length, observation]` */
  readonly observations: Float32Array;
  /** `[length, action]`, normalized. */
  readonly actions: Float32Array;
  /** `[length]` */
  readonly rewards: Float64Array;
  /** `[length, observation]`; in an episode recorded here, row i is row i + 1 of `observations`. */
  readonly nextObservations: Float32Array;
  /** How it ended: in a state worth nothing further, or cut short. */
  readonly end: 'terminated' | 'truncated';
  /** Whether it reached the task's goal; null where the file does not say. */
  readonly success: boolean | null;
  /** Null where the file does not say; such an episode cannot be replayed. */
  readonly start: EpisodeStart | null;
}

/** Bounds of what is read, far above anything recorded: steps of an episode, numbers of a step, bytes of an episode. */
export const LIMITS = { length: 1_000_000, size: 65_536, bytes: 256 << 20 } as const;

/** Numbers in one observation. */
export function observationSize(episode: Episode): number {
  return episode.observations.length / episode.length;
}

/** Numbers in one action. */
export function actionSize(episode: Episode): number {
  return episode.actions.length / episode.length;
}

/** Sum of the rewards, undiscounted. */
export function episodeReturn(episode: Episode): number {
  return episode.rewards.reduce((sum, reward) => sum + reward, 0);
}

/** The bytes of an array, for comparing it bit for bit (NaN equals NaN, 0 differs from −0). */
export function bytesOf(array: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Whether two arrays hold the same bits. */
export function sameBits(a: Float32Array | Float64Array, b: Float32Array | Float64Array): boolean {
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

/** Whether two arrays hold the same numbers. NaN is the same as NaN, and 0 as −0. */
export function sameNumbers(a: Float32Array, b: Float32Array): boolean {
  if (a.length !== b.length) return false;
  if (sameBits(a, b)) return true;
  return a.every((value, i) => value === b[i] || (Number.isNaN(value) && Number.isNaN(b[i])));
}

/** Whether every transition begins where the one before ended, bit for bit. */
export function isContiguous(episode: Episode): boolean {
  const size = observationSize(episode);
  return sameBits(episode.observations.subarray(size), episode.nextObservations.subarray(0, -size));
}

/** One transition, as it is read one after the other. */
export interface Step {
  readonly observation: Float32Array;
  readonly action: Float32Array;
  readonly reward: number;
  readonly nextObservation: Float32Array;
}

/** Gathers transitions into an episode; all must have the first one's sizes. */
export class EpisodeBuilder {
  private steps: Step[] = [];
  private bytes = 0;

  get length(): number {
    return this.steps.length;
  }

  /** The last transition's next observation, null before the first. */
  get lastObservation(): Float32Array | null {
    return this.steps.at(-1)?.nextObservation ?? null;
  }

  /** Takes the arrays over. Throws DemonstrationFileError where sizes differ or the episode grows beyond all bounds. */
  add(step: Step): void {
    const { observation, action, nextObservation } = this.steps[0] ?? step;
    for (const [name, given, wanted] of [
      ['observation', step.observation.length, observation.length],
      ['action', step.action.length, action.length],
      ['next observation', step.nextObservation.length, nextObservation.length],
    ] as const) {
      if (given !== wanted)
        throw new DemonstrationFileError(
          `step ${this.steps.length} has ${given} numbers in its ${name}, and the first one has ${wanted}`,
        );
      // Nothing of the observations is read if they must be chosen first.
      if (given > LIMITS.size || (given < 1 && name === 'action'))
        throw new DemonstrationFileError(`step ${this.steps.length} has ${given} numbers in its ${name}`);
    }
    if (step.observation.length !== step.nextObservation.length)
      throw new DemonstrationFileError(
        `step ${this.steps.length} has ${step.observation.length} numbers in its observation, and ${step.nextObservation.length} in the next one`,
      );
    this.bytes += 4 * (2 * step.observation.length + step.action.length) + 8;
    this.steps.push(step);
    checkEpisodeSize(this.steps.length, this.bytes);
  }

  /** The episode so far; the builder starts anew. */
  finish(outcome: Pick<Episode, 'end' | 'success' | 'start'>): Episode {
    const { steps } = this;
    this.steps = [];
    this.bytes = 0;
    return {
      length: steps.length,
      observations: concatenate(steps.map(step => step.observation)),
      actions: concatenate(steps.map(step => step.action)),
      rewards: Float64Array.from(steps, step => step.reward),
      nextObservations: concatenate(steps.map(step => step.nextObservation)),
      ...outcome,
    };
  }
}

/** Throws DemonstrationFileError where an episode is beyond all bounds. */
export function checkEpisodeSize(length: number, bytes: number): void {
  if (length > LIMITS.length) throw new DemonstrationFileError(`an episode has more than ${LIMITS.length} steps`);
  if (bytes > LIMITS.bytes) throw new DemonstrationFileError(`an episode has more than ${LIMITS.bytes} bytes`);
}

function concatenate(rows: readonly Float32Array[]): Float32Array {
  const size = rows[0]?.length ?? 0;
  const out = new Float32Array(rows.length * size);
  for (const [i, row] of rows.entries()) out.set(row, i * size);
  return out;
}

/** The observations one step on: what contiguous transitions leave unsaid, given the last one. `[length, observation]` */
export function shiftedObservations(observations: Float32Array, final: Float32Array): Float32Array {
  const out = new Float32Array(observations.length);
  out.set(observations.subarray(final.length));
  out.set(final, observations.length - final.length);
  return out;
}
