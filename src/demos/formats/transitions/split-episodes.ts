import { type Episode, EpisodeBuilder, sameNumbers } from '../../episode.ts';
import type { FollowingObservations } from '../following-observations.ts';
import type { ReadTransition } from './read-item.ts';

/**
 * Makes episodes of transitions in a row: one ends with a transition that says so, at a null, or before a transition that
 * does not begin in the state where the last one ended.
 *
 * A transition without a next state gets it from the one behind it. The last one of an episode stays without: it is
 * left out, but if it terminated, where that state is worth nothing, its own stands for it.
 *
 * @param following counts those transitions.
 */
export function* splitEpisodes(
  transitions: Iterable<ReadTransition | null>,
  following: FollowingObservations,
): Generator<Episode, void, void> {
  const builder = new EpisodeBuilder();
  /** The last transition of those before, if it lacks its next state. */
  let open: ReadTransition | null = null;
  let success: boolean | null = null;
  const finish = (end: Episode['end']) => builder.finish({ end, success, start: null });
  for (const transition of transitions) {
    if (open !== null && transition !== null) builder.add({ ...open, nextObservation: transition.observation });
    else if (open !== null) following.leftOut++;
    open = null;
    const { lastObservation } = builder;
    const parted =
      transition === null || (lastObservation !== null && !sameNumbers(lastObservation, transition.observation));
    if (parted && builder.length > 0) yield finish('truncated');
    if (transition === null) continue;
    success = transition.success;
    following.used ||= transition.nextObservation === null;
    if (transition.nextObservation === null && transition.end === null) open = transition;
    else if (transition.nextObservation !== null || transition.end === 'terminated')
      builder.add({ ...transition, nextObservation: transition.nextObservation ?? transition.observation });
    else following.leftOut++;
    if (transition.end !== null && builder.length > 0) yield finish(transition.end);
  }
  if (open !== null) following.leftOut++;
  if (builder.length > 0) yield finish('truncated');
}
