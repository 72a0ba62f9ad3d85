import { nearMatch } from '../../../common/near-match.ts';
import { coppeliaSimFunctions } from '../scene/objects-file.ts';

/** CoppeliaSim's own functions. */
const known = new Set(coppeliaSimFunctions().map(name => `sim.${name}`));

/** Longer names are no mistyped ones. */
const longestName = 60;

/**
 * Describes a function that this server does not serve: whether CoppeliaSim has it, or which served one was meant.
 *
 * The first words are CoppeliaSim's own for a function that it has not, which programs look for.
 */
export function describeUnserved(name: string, served: readonly string[]): string {
  const missing = `No such function: ${name}. ${name} is not served by the embedded server (graspbridge simulator serve)`;
  if (known.has(name)) return `${missing}; CoppeliaSim 4.10 has it.`;
  const near = name.length <= longestName ? nearMatch(name, served) : undefined;
  return `${missing}, and CoppeliaSim 4.10 has no function of that name.${near === undefined ? '' : ` Did you mean "${near}"?`}`;
}
