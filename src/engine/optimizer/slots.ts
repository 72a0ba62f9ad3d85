import type { StateDict } from '../../common/state-dict.ts';
import { EngineSpecError } from '../errors.ts';

/** What an optimizer keeps between steps for one loss. */
export interface OptimizerSlot {
  /** The loss's name. */
  readonly name: string;
  /** How many numbers of the vectors are parameters; the rest is padding. */
  readonly size: number;
  /** Steps taken so far. */
  steps: number;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** Copies of the moments and step counts, by loss. */
export function readSlots(slots: readonly OptimizerSlot[]): StateDict {
  return Object.fromEntries(
    slots.map(({ name, size, steps, first, second }) => [
      name,
      { steps, first: first.slice(0, size), second: second.slice(0, size) },
    ]),
  );
}

/** Puts moments and step counts back. Throws EngineSpecError where they are those of other losses; nothing is then changed. */
export function writeSlots(slots: readonly OptimizerSlot[], state: StateDict): void {
  const parts = slots.map(slot => {
    const saved = state[slot.name];
    const { steps, first, second } = (saved ?? {}) as Record<string, unknown>; // Checked below, field by field.
    const fits = (values: unknown): values is Float32Array =>
      values instanceof Float32Array && values.length === slot.size;
    if (typeof steps !== 'number' || !fits(first) || !fits(second))
      throw new EngineSpecError(
        `Restoring the optimizer of the loss "${slot.name}": the state has no moments of ${slot.size} numbers for it. ` +
          'It was saved by another algorithm, or with other network sizes.',
      );
    return { slot, steps, first, second };
  });
  for (const { slot, steps, first, second } of parts) {
    slot.steps = steps;
    slot.first.set(first);
    slot.second.set(second);
  }
}
