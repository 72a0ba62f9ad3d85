import type { Episode } from '../../episode.ts';
import { entryOf, type Plain, readFlag } from './plain.ts';
import type { Roles } from './roles.ts';

/** How an episode ends with a transition that has these flags. */
export function endOf(roles: Roles): Episode['end'] | null {
  const flag = (role: 'terminated' | 'truncated' | 'done' | 'mask') =>
    roles[role] === undefined ? null : readFlag(roles[role], role);
  const [terminated, truncated, done, mask] = [flag('terminated'), flag('truncated'), flag('done'), flag('mask')];
  // Gym's wrapper said "done" for a time limit, too.
  const timeLimit = entryOf(roles.info, 'TimeLimit.truncated') === true;
  if (terminated ?? (mask === null ? done === true && truncated !== true && !timeLimit : !mask)) return 'terminated';
  return truncated === true || done === true ? 'truncated' : null;
}

const SUCCESS = ['success', 'is_success', 'succeed'] as const;

/** What an info says of success; null if nothing. */
export function successOf(info: Plain): boolean | null {
  const found = SUCCESS.map(key => entryOf(info, key)).find(
    value => typeof value === 'boolean' || value === 0 || value === 1,
  );
  return found === undefined ? null : Boolean(found);
}
