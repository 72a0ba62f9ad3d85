import { type File, Group } from 'h5wasm/node';
import { DemonstrationFileError } from '../../../errors.ts';
import { readDoubles, readFlags, readFloats } from '../arrays.ts';
import type { Demonstration } from '../messages.ts';
import { describeKeys, readObservations } from '../observations.ts';
import { endsOf, inNumericOrder, type Layout, MAX_RECORDINGS, withFinalObservation } from './layout.ts';

/** What layouts with a group for each episode, and one observation more than actions, call things. */
interface Names {
  readonly layout: string;
  readonly episode: RegExp;
  readonly observations: string;
  readonly terminated: string;
  readonly truncated: string;
  /** Whether the goal was reached, a flag a step; null if the layout has none. */
  readonly success: string | null;
  /** How what the layout lets out is put in. */
  readonly remedy: string;
}

const LAYOUTS: readonly Names[] = [
  // Source: Minari's documentation, "Dataset Standards".
  {
    layout: 'Minari',
    episode: /^episode_\d+$/,
    observations: 'observations',
    terminated: 'terminations',
    truncated: 'truncations',
    success: null,
    remedy: 'Write it with Minari as main_data.hdf5',
  },
  // Source: ManiSkill's documentation, "Demonstrations".
  {
    layout: 'ManiSkill',
    episode: /^traj_\d+$/,
    observations: 'obs',
    terminated: 'terminated',
    truncated: 'truncated',
    success: 'success',
    // Source: the arguments of this module in ManiSkill 3. Without a reward mode it takes the first that the task has.
    remedy:
      'Have ManiSkill add what is missing, in a new file beside it: python -m mani_skill.trajectory.replay_trajectory --traj-path FILE -o state --save-traj --record-rewards',
  },
];

/** The layouts of Minari and ManiSkill; null if the file has neither. */
export function episodeGroupsLayout(file: File): Layout | null {
  const top = file.keys();
  for (const names of LAYOUTS) {
    const episodes = inNumericOrder(top.filter(key => names.episode.test(key)));
    const [first] = episodes;
    if (first === undefined) continue;
    if (episodes.length > MAX_RECORDINGS)
      throw new DemonstrationFileError(`it has more than ${MAX_RECORDINGS} episodes`);
    const find = (name: string): Group => findEpisode(file, name, names);
    return {
      name: names.layout,
      metadata: null,
      recordings: episodes,
      splits: [],
      keys: () => describeKeys(find(first), names.observations),
      read: (index, keys) => readEpisode(find(episodes[index] as string), names, keys), // Asked for what is there.
    };
  }
  return null;
}

/** Throws DemonstrationFileError naming all that an episode lacks. */
function findEpisode(file: File, name: string, { layout, remedy, ...names }: Names): Group {
  const group = file.get(name);
  if (!(group instanceof Group)) throw new DemonstrationFileError(`${name} is no group`);
  const present = new Set(group.keys());
  const lacking = [names.observations, 'actions', 'rewards', names.terminated, names.truncated].filter(
    part => !present.has(part),
  );
  if (lacking.length > 0)
    throw new DemonstrationFileError(
      `it is laid out as ${layout} does, but ${name} has no ${lacking.join(', no ')}. ${remedy}`,
    );
  return group;
}

function readEpisode(group: Group, names: Names, keys: readonly string[]): Demonstration {
  const rewards = readDoubles(group, 'rewards', null);
  const length = rewards.length;
  if (length < 1) throw new DemonstrationFileError('it has no rewards');
  if (group.get('actions') instanceof Group)
    throw new DemonstrationFileError('its actions are a group of several: only one dataset of actions is read');
  const observations = readObservations(group, names.observations, keys, length + 1);
  const terminated = readFlags(group, names.terminated, length);
  const hasSuccess = names.success !== null && group.get(names.success) !== null;
  const steps = {
    observations,
    actions: readFloats(group, 'actions', length),
    rewards,
    ends: endsOf(terminated, readFlags(group, names.truncated, length)),
    successes: hasSuccess ? readFlags(group, names.success, length) : null,
  };
  return withFinalObservation(steps, observations.length / (length + 1));
}
