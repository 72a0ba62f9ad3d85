import type { Random } from '../common/random.ts';
import type { StateDict, StateValue } from '../common/state-dict.ts';
import { readRandom } from './sac/state.ts';

/** A generator's state as plain data. */
export function randomToState(random: Random): StateDict {
  const { words, spareNormal } = random.getState();
  return { words: [...words], spareNormal };
}

/** Throws UsageError where the state is no generator's. */
export function randomFromState(random: Random, state: StateValue | undefined): void {
  random.setState(readRandom(state));
}
