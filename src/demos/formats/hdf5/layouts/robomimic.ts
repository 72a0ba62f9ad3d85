import { type File, Group } from 'h5wasm/node';
import { DemonstrationFileError, shown } from '../../../errors.ts';
import { readStart } from '../../json/episode-json.ts';
import type { FoundKey } from '../../observation-keys.ts';
import { findDataset, readDoubles, readFlags, readFloats, readTexts } from '../arrays.ts';
import { readText } from '../attributes.ts';
import type { Demonstration, FoundSplit } from '../messages.ts';
import { describeKeys, readObservations } from '../observations.ts';
import { checked, endsOf, inNumericOrder, type Layout, MAX_RECORDINGS, withFollowingRows } from './layout.ts';

const MAX_SPLITS = 1000;
// Source: the argument parsers of these scripts in robomimic's repository. The result is written beside FILE.
const TO_OBSERVATIONS =
  'python robomimic/scripts/dataset_states_to_obs.py --dataset FILE --output_name OUT.hdf5 --done_mode 2';
const FROM_ROBOSUITE = 'python robomimic/scripts/conversion/convert_robosuite.py --dataset FILE';

/**
 * robomimic's layout, also that of MimicGen and of files written here: `data/demo_N` with `obs`, perhaps `next_obs`,
 * `actions`, `rewards` and `dones`; `mask/NAME` lists the demonstrations of a split.
 *
 * Source: robomimic's documentation, "Dataset Structure".
 */
export function robomimicLayout(file: File): Layout | null {
  const data = file.get('data');
  if (!(data instanceof Group)) return null;
  const names = inNumericOrder(data.keys());
  if (names.length > MAX_RECORDINGS)
    throw new DemonstrationFileError(`it has more than ${MAX_RECORDINGS} demonstrations`);
  const [first] = names;
  const example = first === undefined ? null : findGroup(data, first);
  if (example !== null) checkObserved(data, example);
  return {
    name: 'robomimic',
    metadata: readText(data, 'graspbridge'),
    recordings: names.map(name => `data/${name}`),
    splits: readSplits(file, names),
    keys: (): readonly FoundKey[] => (example === null ? [] : describeKeys(example, 'obs')),
    read: (index, keys) => readDemonstration(findGroup(data, names[index] as string), keys), // Asked for what is there.
  };
}

function findGroup(data: Group, name: string): Group {
  const group = data.get(name);
  if (!(group instanceof Group)) throw new DemonstrationFileError(`data/${shown(name, 40)} is no group`);
  return group;
}

/** Throws DemonstrationFileError for a recording of a simulator's states, naming how observations are made of them. */
function checkObserved(data: Group, example: Group): void {
  if (example.get('obs') !== null || example.get('states') === null) return;
  if (readText(data, 'env_args') !== null)
    throw new DemonstrationFileError(
      `it has states and actions, and no observations yet. Have robomimic make them: ${TO_OBSERVATIONS}`,
    );
  throw new DemonstrationFileError(
    `it is a raw recording of robosuite: states and actions, no observations, no rewards. Have robomimic convert a copy of it, which it changes in place: ${FROM_ROBOSUITE}, then ${TO_OBSERVATIONS}`,
  );
}

function readDemonstration(group: Group, keys: readonly string[]): Demonstration {
  const rewards = readDoubles(group, 'rewards', null);
  const length = rewards.length;
  if (length < 1) throw new DemonstrationFileError('it has no rewards');
  const observations = readObservations(group, 'obs', keys, length);
  const steps = {
    observations,
    actions: readFloats(group, 'actions', length),
    rewards,
    ends: endsOf(readFlags(group, 'dones', length), null),
    successes: null,
  };
  if (group.get('next_obs') === null) return withFollowingRows(steps, observations.length / length);
  const nextKeys = group.get('obs') instanceof Group ? keys : ['next_obs'];
  const nextObservations = readObservations(group, 'next_obs', nextKeys, length);
  if (observations.length !== nextObservations.length)
    throw new DemonstrationFileError('its obs and next_obs differ in size');
  const end = readText(group, 'end');
  const success = readText(group, 'success');
  const start = readText(group, 'start');
  return checked({
    ...steps,
    nextObservations,
    leftOut: null,
    end: end === 'terminated' || end === 'truncated' ? end : null,
    success: success === 'true' ? true : success === 'false' ? false : null,
    start: start === null ? null : readStart(parse(start)),
  });
}

function readSplits(file: File, names: readonly string[]): readonly FoundSplit[] {
  const mask = file.get('mask');
  if (!(mask instanceof Group)) return [];
  const keys = mask.keys();
  if (keys.length > MAX_SPLITS) throw new DemonstrationFileError(`it has more than ${MAX_SPLITS} splits`);
  const indexes = new Map(names.map((name, index) => [name, index]));
  return keys.sort().map(name => {
    findDataset(mask, name);
    const members = [...new Set(readTexts(mask, name))];
    const recordings = members.map(member => indexes.get(member)).filter(index => index !== undefined);
    return {
      name,
      recordings: recordings.sort((a, b) => a - b),
      missing: members.filter(member => !indexes.has(member)),
    };
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DemonstrationFileError('one of its attributes is not JSON');
  }
}
