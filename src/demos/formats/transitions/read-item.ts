import type { Episode } from '../../episode.ts';
import { DemonstrationFileError } from '../../errors.ts';
import { orDamage } from '../or-damage.ts';
import { NumpyArray } from '../pickle/numpy.ts';
import { isBatch, readBatch } from './batch.ts';
import { endOf, successOf } from './flags.ts';
import { type ObservationSelector, sideBySide } from './observation.ts';
import { itemsOf, keysOf, kindOf, type Plain, readScalar, readVector } from './plain.ts';
import { hasAction, type Roles, requireRoles, rolesOf } from './roles.ts';

export const EXPECTED =
  '(state, action, reward, next_state, done), or a dict with observations, actions, rewards and dones';

/** A transition as other programs write it. */
export interface ReadTransition {
  readonly observation: Float32Array;
  readonly action: Float32Array;
  readonly reward: number;
  /** Null if only the next transition, or nothing, says it. */
  readonly nextObservation: Float32Array | null;
  /** Whether an episode ends with it, and how; null if it goes on, or that is not known. */
  readonly end: Episode['end'] | null;
  /** What its info says of success; null if nothing. */
  readonly success: boolean | null;
}

/** Transitions in a row, and null where an episode ends whatever they say. */
export type Transitions = Generator<ReadTransition | null, void, void>;

/**
 * Reads an item of a list of demonstrations: a transition, a list of them, or a dict with an array for each of their values.
 *
 * Throws DemonstrationFileError saying what is wrong with it.
 */
export function* readItem(value: Plain, selector: ObservationSelector): Transitions {
  const items = itemsOf(value);
  if (items !== null && isTransition(items[0]) && !isTransition(value)) {
    for (const [step, item] of items.entries())
      yield* orDamage({}, `step ${step}`, () => [readTransition(item, selector)]);
    yield null;
  } else if (keysOf(value) !== null && isBatch(rolesOf(value))) {
    yield* readBatch(rolesOf(value), selector);
    yield null;
  } else yield readTransition(value, selector);
}

/** Whether a value has the look of one transition, so that a list of such is an episode. */
export function isTransition(value: Plain): boolean {
  if (keysOf(value) !== null) return hasAction(value);
  const items = itemsOf(value);
  return items !== null && (items.length === 5 || items.length === 6) && isState(items[0]);
}

function isState(value: Plain): boolean {
  if (keysOf(value) !== null) return !hasAction(value);
  const items = itemsOf(value);
  const first = items === null ? value : items[0];
  if (first instanceof NumpyArray) return first.objects === null && (items === null || first.shape.length === 0);
  return typeof first === 'number' || typeof first === 'boolean';
}

/** Reads `(state, action, reward, next_state, done)`, an info behind it or not, or the same as a dict. */
export function readTransition(value: Plain, selector: ObservationSelector): ReadTransition {
  if (keysOf(value) !== null) {
    const roles = rolesOf(value);
    requireRoles(value, roles, ['observation', 'action', 'reward']);
    return fromRoles(roles, selector);
  }
  const items = itemsOf(value);
  if (items === null || (items.length !== 5 && items.length !== 6))
    throw new DemonstrationFileError(`it is ${kindOf(value)}, and not ${EXPECTED}`);
  const [observation, action, reward, nextObservation, done, info] = items;
  if (info !== undefined && info !== null && keysOf(info) === null)
    throw new DemonstrationFileError(`its sixth value is ${kindOf(info)}, and a dict of information is expected there`);
  return fromRoles({ observation, action, reward, nextObservation, done, info }, selector);
}

function fromRoles(roles: Roles, selector: ObservationSelector): ReadTransition {
  const vector = (value: Plain, what: string) =>
    sideBySide(selector.select(value, false).map(part => readVector(part, what)));
  return {
    observation: vector(roles.observation, 'state'),
    action: readVector(roles.action, 'action'),
    reward: readScalar(roles.reward, 'reward'),
    nextObservation: (roles.nextObservation ?? null) === null ? null : vector(roles.nextObservation, 'next_state'),
    end: endOf(roles),
    success: successOf(roles.info),
  };
}
