import { Dataset, type File } from 'h5wasm/node';
import { DemonstrationFileError } from '../../../errors.ts';
import { findDataset, type Rows, readDoubles, readFlags, readFloats, shapeOf } from '../arrays.ts';
import { type Demonstration, ENDS } from '../messages.ts';
import { describeKeys, readObservations } from '../observations.ts';
import { checked, endsOf, type Layout, MAX_RECORDINGS, withFollowingRows } from './layout.ts';

/**
 * D4RL's layout: `observations`, `actions`, `rewards`, `terminals`, perhaps `timeouts` and `next_observations`, with all
 * episodes one after the other. An episode ends where one of the flags is set, and with the last row.
 *
 * Source: D4RL's README, "Using d4rl".
 */
export function d4rlLayout(file: File): Layout | null {
  if (!['observations', 'actions', 'rewards', 'terminals'].every(name => file.get(name) instanceof Dataset))
    return null;
  const length = shapeOf(findDataset(file, 'rewards'))[0] ?? 0;
  const terminals = readFlags(file, 'terminals', length);
  const timeouts = file.get('timeouts') === null ? null : readFlags(file, 'timeouts', length);
  const ends = endsOf(terminals, timeouts);
  const episodes: Rows[] = [];
  for (let from = 0; from < length; ) {
    let to = from + 1;
    while (to < length && ends[to - 1] === ENDS.none) to++;
    episodes.push({ from, to });
    from = to;
    if (episodes.length > MAX_RECORDINGS)
      throw new DemonstrationFileError(`it has more than ${MAX_RECORDINGS} episodes`);
  }
  const hasNext = file.get('next_observations') !== null;
  return {
    name: 'D4RL',
    metadata: null,
    recordings: episodes.map(({ from, to }) => `rows ${from} to ${to - 1}`),
    splits: [],
    keys: () => describeKeys(file, 'observations'),
    read(index, keys): Demonstration {
      const rows = episodes[index] as Rows; // Asked for what is there.
      const count = rows.to - rows.from;
      const observations = readObservations(file, 'observations', keys, length, rows);
      const steps = {
        observations,
        actions: readFloats(file, 'actions', length, rows),
        rewards: readDoubles(file, 'rewards', length, rows),
        ends: ends.slice(rows.from, rows.to),
        successes: null,
      };
      if (!hasNext) return withFollowingRows(steps, observations.length / count);
      const nextKeys = keys.map(() => 'next_observations'); // A dataset has its own name as its only key.
      const nextObservations = readObservations(file, 'next_observations', nextKeys, length, rows);
      if (observations.length !== nextObservations.length)
        throw new DemonstrationFileError('its observations and next_observations differ in size');
      return checked({ ...steps, nextObservations, leftOut: null, end: null, success: null, start: null });
    },
  };
}
