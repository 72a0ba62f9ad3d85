import { TrainingDivergedError } from '../errors.ts';

/** So many workers of this training's own within so many environment steps each are no accident. */
const MOST = 4;
const STEPS_EACH = 1_000;

/**
 * Counts this training's own workers that stopped, or were expelled, since their environments returned invalid numbers.
 *
 * One of them is replaced and training continues. If it happens again and again, the environment itself is at fault.
 */
export class InvalidWork {
  /** Environment steps at each time. */
  private readonly times: number[] = [];

  /** Counts one more. Returns the error that ends the training; null if it continues. */
  add(envSteps: number, text: string): TrainingDivergedError | null {
    this.times.push(envSteps);
    if (this.times.length > MOST) this.times.shift();
    const span = envSteps - (this.times[0] ?? envSteps);
    if (this.times.length < MOST || span > MOST * STEPS_EACH) return null;
    return new TrainingDivergedError(
      `${MOST} rollout workers stopped within ${span} environment steps because of invalid numbers. The last one: ${text}`,
    );
  }
}
