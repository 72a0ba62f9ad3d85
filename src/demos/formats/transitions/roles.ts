import { DemonstrationFileError, shown } from '../../errors.ts';
import { entryOf, keysOf, type Plain } from './plain.ts';

/** What the values of a transition are called, here and elsewhere: SERL, HIL-SERL, D4RL, Gymnasium, Minari. */
const NAMES = {
  observation: ['observations', 'observation', 'obs', 'states', 'state'],
  nextObservation: [
    ...['next_observations', 'next_observation', 'next_obs', 'next_states', 'next_state'],
    ...['nextObservations', 'nextObservation', 'nextStates', 'nextState'],
  ],
  action: ['actions', 'action'],
  reward: ['rewards', 'reward'],
  terminated: ['terminals', 'terminal', 'terminations', 'termination', 'terminated'],
  truncated: ['timeouts', 'timeout', 'truncations', 'truncation', 'truncated'],
  /** Whether the episode ended, one way or the other; without the other flags, that it terminated. */
  done: ['dones', 'done'],
  /** SERL's: 0 if the episode terminated, what the next state's value is multiplied with. */
  mask: ['masks', 'mask'],
  info: ['infos', 'info'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Role = keyof typeof NAMES;
export type Roles = Readonly<Partial<Record<Role, Plain>>>;

/** The values of a dict by what they are for. Throws DemonstrationFileError if two of them are for the same. */
export function rolesOf(dict: Plain): Roles {
  const roles: Partial<Record<Role, Plain>> = {};
  for (const [role, names] of Object.entries(NAMES) as [Role, readonly string[]][]) {
    const found = names.filter(name => entryOf(dict, name) !== undefined);
    const [name, other] = found;
    if (name === undefined) continue;
    if (other !== undefined)
      throw new DemonstrationFileError(`it has "${name}" and "${other}", and one of them is expected`);
    roles[role] = entryOf(dict, name);
  }
  return roles;
}

/** Whether a value is a dict with an action, as a transition or a dict of arrays is. */
export function hasAction(value: Plain): boolean {
  return NAMES.action.some(name => entryOf(value, name) !== undefined);
}

/** Throws DemonstrationFileError naming the roles that a dict lacks. */
export function requireRoles(dict: Plain, roles: Roles, wanted: readonly Role[]): void {
  const missing = wanted.filter(role => roles[role] === undefined).map(role => `"${NAMES[role][0]}"`);
  if (missing.length === 0) return;
  const keys = keysOf(dict) ?? [];
  const has = keys.length === 0 ? 'it is an empty dict' : `it is a dict of ${shown(keys.slice(0, 20).join(', '), 200)}`;
  throw new DemonstrationFileError(`${has}, and lacks ${missing.join(', ')}`);
}
