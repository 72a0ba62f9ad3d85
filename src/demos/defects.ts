import { actionSize, type Episode, observationSize, sameNumbers } from './episode.ts';

/** Something in a file that no recording should hold. */
export interface Defect {
  /** Counted from 0. */
  readonly episode: number;
  /** Counted from 0; null where it is about the episode as a whole. */
  readonly step: number | null;
  readonly what: string;
}

/** A rounding error beyond [-1, 1] that float32 may bring about is none. */
const TOLERANCE = 1e-6;

export interface Sizes {
  readonly observation: number;
  readonly action: number;
}

/** All that is wrong with an episode's numbers. */
export function* defectsOf(episode: Episode, index: number, sizes: Sizes): Generator<Defect, void, void> {
  const { length, observations, nextObservations, actions, rewards } = episode;
  const [size, width] = [observationSize(episode), actionSize(episode)];
  if (size !== sizes.observation)
    yield { episode: index, step: null, what: `observations have ${size} numbers instead of ${sizes.observation}` };
  if (width !== sizes.action)
    yield { episode: index, step: null, what: `actions have ${width} numbers instead of ${sizes.action}` };
  for (let step = 0; step < length; step++) {
    const row = (array: Float32Array, of: number) => array.subarray(step * of, (step + 1) * of);
    const at = (what: string): Defect => ({ episode: index, step, what });
    yield* notFinite(row(observations, size), 'of the observation').map(at);
    yield* notFinite(row(nextObservations, size), 'of the next observation').map(at);
    yield* notFinite(row(actions, width), 'of the action').map(at);
    if (!Number.isFinite(rewards[step])) yield at(`the reward is ${rewards[step]}`);
    for (const [i, value] of row(actions, width).entries())
      if (Math.abs(value) > 1 + TOLERANCE && Number.isFinite(value))
        yield at(`number ${i} of the action is ${value}, outside [-1, 1]`);
    const before = nextObservations.subarray((step - 1) * size, step * size);
    if (step > 0 && !sameNumbers(before, row(observations, size)))
      yield at('the observation is not the next observation of the step before');
  }
}

function notFinite(row: Float32Array, of: string): string[] {
  return [...row.entries()]
    .filter(([, value]) => !Number.isFinite(value))
    .map(([i, value]) => `number ${i} ${of} is ${value}`);
}

/** `episode 3, step 7: number 2 of the action is 1.5, outside [-1, 1]` */
export function describeDefect({ episode, step, what }: Defect): string {
  return `episode ${episode}${step === null ? '' : `, step ${step}`}: ${what}`;
}
