import { setImmediate } from 'node:timers/promises';
import { closeAfter } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import { makeEnv, SawyerEnv, unwrapped } from '../envs/index.ts';
import { openDemonstrations, type Selection } from './formats/index.ts';
import { type Comparison, replayEpisode } from './replay.ts';

export interface ReplayOptions {
  /** By default the simulator it was recorded in, where that can be opened without options. */
  readonly simulator?: string;
  readonly simulatorOptions?: Readonly<Record<string, unknown>>;
  /** Which of the file's episodes; all by default. */
  readonly selection?: Selection;
  /** At most so many. */
  readonly episodes?: number;
  /** Ends the replay after the episode under way. */
  readonly signal?: AbortSignal;
  readonly onEpisode?: (episode: { readonly index: number; readonly comparison: Comparison }) => void;
}

export interface ReplayResult {
  readonly episodes: number;
  /** Episodes in which nothing differs. */
  readonly identical: number;
  readonly largestDifference: number;
  readonly largestRewardDifference: number;
  /** Episodes that do not say how they began. */
  readonly withoutStart: number;
  /** In which simulator, with its version; null for an environment without one. */
  readonly simulator: string | null;
}

/**
 * Replays a file's episodes in the environment it says they are of.
 *
 * Throws UsageError where it does not say so, or none of its episodes says how it began; DemonstrationFileError.
 */
export async function replayDemonstrations(path: string, options: ReplayOptions = {}): Promise<ReplayResult> {
  const { episodes = Number.POSITIVE_INFINITY, signal, onEpisode } = options;
  const reader = await openDemonstrations(path, options.selection);
  return closeAfter(async () => {
    const { metadata } = reader;
    if (metadata === null)
      throw new UsageError(
        `Replaying ${path} failed: it does not say which environment it is of. Only files recorded here do.`,
      );
    const { environment } = metadata;
    const { simulator = metadata.simulator?.name, simulatorOptions = {} } = options;
    const env = await makeEnv(environment.id, environment.options, {
      ...(simulator === undefined ? {} : { simulator }),
      simulatorOptions,
    });
    return closeAfter(async () => {
      const count = { episodes: 0, identical: 0, withoutStart: 0 };
      let [largestDifference, largestRewardDifference, index] = [0, 0, 0];
      for await (const recorded of reader.episodes()) {
        // Nothing of an embedded simulator waits for anything: without this, Ctrl-C would not be heard.
        await setImmediate();
        if (signal?.aborted === true || count.episodes >= episodes) break;
        if (recorded.start === null) count.withoutStart++;
        else {
          const { comparison } = await replayEpisode(env, recorded);
          count.episodes++;
          if (comparison.identical) count.identical++;
          largestDifference = Math.max(largestDifference, comparison.largestDifference);
          largestRewardDifference = Math.max(largestRewardDifference, comparison.largestRewardDifference);
          onEpisode?.({ index, comparison });
        }
        index++;
      }
      if (count.episodes === 0 && signal?.aborted !== true)
        throw new UsageError(`Replaying ${path} failed: none of its ${index} episodes says how it began.`);
      const inner = unwrapped(env);
      const version = inner instanceof SawyerEnv ? (inner.simulator.version ?? '') : '';
      return {
        ...count,
        largestDifference,
        largestRewardDifference,
        simulator: simulator === undefined ? null : `${simulator} ${version}`.trimEnd(),
      };
    }, env);
  }, reader);
}
