import { LIMITS } from '../../episode.ts';
import { DemonstrationFileError } from '../../errors.ts';
import { NumpyArray } from '../pickle/numpy.ts';
import { endOf, successOf } from './flags.ts';
import { type ObservationSelector, sideBySide } from './observation.ts';
import { itemsOf, keysOf, kindOf, type Plain, readScalar, readVector, shapeOf } from './plain.ts';
import type { Transitions } from './read-item.ts';
import { type Role, type Roles, requireRoles } from './roles.ts';

/** What a row of each value is. */
type Rows = (row: number) => Plain;

/**
 * Whether a dict has a row for every step in each of its values, as D4RL's and those of a list of trajectories do, and is
 * not a single transition.
 */
export function isBatch({ observation, action, reward }: Roles): boolean {
  const [length, ...inner] = shapeOf(reward);
  if (length === undefined || observation === undefined || action === undefined) return false;
  if (length !== 1) return true;
  // One number in an array of its own may be a transition's reward.
  return (
    inner.length === 0 && keysOf(observation) === null && shapeOf(observation).length > 1 && shapeOf(action)[0] === 1
  );
}

/** Reads a dict of arrays step by step. Throws DemonstrationFileError if their lengths differ. */
export function* readBatch(roles: Roles, selector: ObservationSelector): Transitions {
  requireRoles({}, roles, ['observation', 'action', 'reward']);
  const length = shapeOf(roles.reward)[0] as number;
  if (length < 1 || length > LIMITS.bytes) throw new DemonstrationFileError(`its rewards have ${length} rows`);
  const observation = observationRows(roles.observation, length, selector);
  const next =
    (roles.nextObservation ?? null) === null ? null : observationRows(roles.nextObservation, length, selector);
  const action = vectorRows(roles.action, 'action', length);
  const reward = rowsOf(roles.reward, 'reward', length);
  const flags = (['terminated', 'truncated', 'done', 'mask'] as const)
    .filter(role => roles[role] !== undefined)
    .map(role => [role, rowsOf(roles[role], role, length)] as const);
  // Infos are lists of dicts here, or something of the whole that says nothing of a step.
  const infos = itemsOf(roles.info);
  for (let row = 0; row < length; row++) {
    const info = infos?.length === length ? infos[row] : undefined;
    const ofRow: Partial<Record<Role, Plain>> = { info };
    for (const [role, rows] of flags) ofRow[role] = rows(row);
    yield {
      observation: observation(row),
      action: action(row),
      reward: readScalar(reward(row), 'reward'),
      nextObservation: next === null ? null : next(row),
      end: endOf(ofRow),
      success: successOf(info),
    };
  }
}

function observationRows(value: Plain, length: number, selector: ObservationSelector) {
  const parts = selector.select(value, true).map(part => vectorRows(part, 'observation', length));
  return (row: number) => sideBySide(parts.map(part => part(row)));
}

function vectorRows(value: Plain, what: string, length: number): (row: number) => Float32Array {
  if (!(value instanceof NumpyArray) || value.objects !== null) {
    const rows = rowsOf(value, what, length);
    return row => readVector(rows(row), what);
  }
  const size = value.length / length;
  checkRows(value, what, length);
  if (size < 1 || size > LIMITS.size) throw new DemonstrationFileError(`its ${what} has ${size} numbers in a row`);
  const numbers = value.toFloat32();
  return row => numbers.slice(row * size, (row + 1) * size);
}

/** The single values of each row. */
function rowsOf(value: Plain, what: string, length: number): Rows {
  checkRows(value, what, length);
  const items = itemsOf(value);
  if (items !== null) return row => items[row];
  if (!(value instanceof NumpyArray)) throw new DemonstrationFileError(`its ${what} is ${kindOf(value)}`);
  if (value.length !== length)
    throw new DemonstrationFileError(
      `its ${what} has shape (${value.shape.slice(0, 8).join(', ')}), and one number a row is expected`,
    );
  const numbers = value.toFloat64();
  return row => numbers[row];
}

function checkRows(value: Plain, what: string, length: number): void {
  const rows = shapeOf(value)[0];
  if (rows !== length)
    throw new DemonstrationFileError(`its ${what} has ${rows ?? 'no'} rows, and there are ${length} rewards`);
}
