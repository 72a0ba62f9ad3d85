import { DemonstrationMismatchError } from './errors.ts';
import type { EnvironmentDescription, QuantityDescription } from './metadata.ts';

/** What demonstrations must be of to be learned from: `describeEnv` gives it. */
export type Expected = Pick<EnvironmentDescription, 'environment' | 'controlMode' | 'observation' | 'action'>;

/**
 * Checks that demonstrations belong to an environment: its id, control mode, spaces and normalization.
 *
 * Returns which other options of the environment differ, such as the reward: the transitions fit, but what they say
 * of rewards and ends may not. Throws DemonstrationMismatchError naming every difference.
 */
export function checkFits(path: string, found: Expected, expected: Expected): readonly string[] {
  const differences = [
    differ('the environment', found.environment.id, expected.environment.id),
    differ('the control mode', found.controlMode, expected.controlMode),
    differ('the size of an observation', found.observation.size, expected.observation.size),
    differ('what is observed', names(found.observation.quantities), names(expected.observation.quantities)),
    differ('the size of an action', found.action.size, expected.action.size),
    differ('whether actions are normalized', found.action.normalized, expected.action.normalized),
    differ('the lower bounds of actions', bounds(found.action.low), bounds(expected.action.low)),
    differ('the upper bounds of actions', bounds(found.action.high), bounds(expected.action.high)),
  ].filter(difference => difference !== null);
  if (differences.length > 0)
    throw new DemonstrationMismatchError(
      `The demonstrations in ${path} do not fit: ${differences.join('; ')}. Record others for this environment, or train in the one they are of.`,
    );
  const given = found.environment.options;
  const wanted = expected.environment.options;
  return [...new Set([...Object.keys(given), ...Object.keys(wanted)])]
    .sort()
    .map(key => differ(key, given[key], wanted[key]))
    .filter(difference => difference !== null);
}

/** `the control mode is A and should be B`; null where both are the same, or one file does not say. */
function differ(what: string, found: unknown, expected: unknown): string | null {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a === b || a === 'null' || b === 'null') return null;
  return `${what} is ${shorten(a)} and should be ${shorten(b)}`;
}

function names(quantities: readonly QuantityDescription[] | null): string | null {
  return quantities?.map(({ name, unit }) => (unit === '' ? name : `${name} (${unit})`)).join(', ') ?? null;
}

/** As float32, which they are in the spaces. */
function bounds(values: readonly number[] | null): readonly number[] | null {
  return values?.map(value => Number(Math.fround(value).toPrecision(7))) ?? null;
}

function shorten(text: string | undefined): string {
  if (text === undefined) return 'not there';
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
