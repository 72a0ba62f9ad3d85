import { UsageError } from './errors.ts';
import type { Random, RandomState } from './random.ts';
import type { StateDict, StateValue } from './state-dict.ts';

/** A generator's state as plain data, to be put into a checkpoint; it may go through JSON. */
export function randomToState(random: Random): StateDict {
  const { words, spareNormal } = random.getState();
  return { words: [...words], spareNormal };
}

/** Puts it back. Throws UsageError where the state is no generator's; nothing is then changed. */
export function randomFromState(random: Random, state: StateValue | undefined): void {
  const { words, spareNormal } = (state ?? {}) as Readonly<Record<string, unknown>>; // Checked below.
  if (!isWords(words) || (spareNormal !== null && typeof spareNormal !== 'number'))
    throw new UsageError(
      "Restoring a random generator failed: its state is missing or damaged. It was saved by another version, or is no generator's.",
    );
  random.setState({ words, spareNormal });
}

const isWords = (words: unknown): words is RandomState['words'] =>
  Array.isArray(words) && words.length === 4 && words.every(Number.isInteger);
