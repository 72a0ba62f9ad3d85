import { DemonstrationFileError } from '../errors.ts';
import type { ReadOptions } from './format.ts';
import { UndecidedObservationsError } from './observation-keys.ts';

/**
 * Yields what is read of a part of a file, such as an episode. If that is damaged, it is left out and reported, or, if
 * nobody asked for that, thrown as an error that names the part.
 */
export function* orDamage<T>(
  { onDamage }: ReadOptions,
  where: string,
  read: () => Iterable<T>,
): Generator<T, boolean, void> {
  try {
    yield* read();
    return true;
  } catch (error) {
    if (!(error instanceof DemonstrationFileError) || error instanceof UndecidedObservationsError) throw error;
    const Class = error.constructor as typeof DemonstrationFileError; // It says whether it is damaged or unsafe.
    const located = new Class(`${where}: ${error.message}`, { cause: error });
    if (onDamage === undefined) throw located;
    onDamage(located);
    return false;
  }
}
