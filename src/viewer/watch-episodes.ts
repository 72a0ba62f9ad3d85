import type { Simulator } from '../bridge/index.ts';
import { closeAfter } from '../common/close-all.ts';
import type { Recording } from '../demos/index.ts';
import { type Box, type Env, SawyerEnv, unwrapped } from '../envs/index.ts';
import { Hands } from './episodes/hands.ts';
import { Pace } from './episodes/pace.ts';
import type { Pilot } from './episodes/pilot.ts';
import { EpisodePlayer, type PlayedEpisode } from './episodes/player.ts';
import { Tape } from './episodes/tape.ts';
import { LiveViewer } from './live-viewer.ts';
import type { EpisodeStatus } from './protocol.ts';

/** Whoever started this without a page open has this long to open it, ms; then it goes on unseen. */
const PATIENCE = 20_000;

/** What is to be watched. */
export interface Performance {
  /** Takes normalized actions. */
  readonly env: Env<Box, Box>;
  /** Null: a person drives. */
  readonly pilot: Pilot | null;
  readonly maxEpisodeSteps: number;
}

export interface WatchOptions {
  readonly title: string;
  /** Opens environment and policy; `around` must be put around the environment's simulator. */
  open(around: (simulator: Simulator) => Simulator): Promise<Performance>;
  /** Where saved episodes go, once the environment is there; nothing can be saved by default. */
  readonly record?: (performance: Performance) => Recording;
  readonly port?: number;
  /** How many episodes count; null: until the seeds run out or the signal comes. */
  readonly episodes: number | null;
  /** Seeds of the episodes. */
  readonly seeds: Iterator<number>;
  /** Simulated seconds a second; 1 by default. */
  readonly speed?: number;
  /** Whether episodes that a person took part in, or chose, count too; they do not by default. */
  readonly assistedCounts?: boolean;
  /** How long to wait for the first page, ms; 20 s by default. */
  readonly patience?: number;
  readonly signal?: AbortSignal;
  readonly announce: (text: string) => void;
  /** Told the page's address once it can be opened. */
  readonly onReady: (url: string) => void;
  /** Told every episode that was played to its end, whether it counts or not. */
  readonly onEpisode: (episode: PlayedEpisode) => void;
}

/** How a watched performance ended. */
export interface WatchEnd {
  /** The demonstration file, where one was written. */
  readonly recorded: string | null;
}

/** Plays episodes on a page, where they can be paused, stepped, chosen and taken over. */
export async function watchEpisodes(options: WatchOptions): Promise<WatchEnd> {
  const { title, episodes, signal, speed = 1, onEpisode } = options;
  const pace = new Pace();
  pace.setSpeed(speed);
  let player: EpisodePlayer | null = null;
  const viewer = await LiveViewer.start({
    title,
    port: options.port ?? 0,
    abilities: { playback: true },
    pace: period => pace.pass(period),
    onMessage: message => player?.handle(message),
    greetings: () => (player === null ? [] : [player.current()]),
    announce: options.announce,
  });
  const stop = () => player?.stop();
  signal?.addEventListener('abort', stop);
  let recording: Recording | null = null;
  return closeAfter(
    async () => {
      try {
        const performance = await options.open(simulator => viewer.watch(simulator));
        const { env, pilot, maxEpisodeSteps } = performance;
        recording = options.record?.(performance) ?? null;
        const hands = handsOn(env);
        viewer.rename({
          teleoperation: hands !== null,
          recording: recording !== null,
          handingBack: pilot !== null,
          actionNames: actionNames(env),
        });
        let counted = 0;
        const counts = ({ assisted, chosen }: PlayedEpisode) =>
          options.assistedCounts === true || !(assisted || chosen);
        player = new EpisodePlayer({
          ...{ env, pilot, hands, pace, maxEpisodeSteps, seeds: options.seeds, total: episodes },
          tape: recording === null ? null : new Tape(recording, true),
          counts,
          onStatus: status => viewer.show(status),
          onEpisode: episode => {
            if (counts(episode)) counted++;
            onEpisode(episode);
          },
        });
        options.onReady(viewer.url);
        const { patience = PATIENCE } = options;
        if (!(await viewer.visited(patience, signal)) && signal?.aborted !== true)
          options.announce(
            `No page was opened within ${patience / 1000} s: this goes on unseen, and can still be joined.`,
          );
        let more = true;
        while (more && (episodes === null || counted < episodes) && signal?.aborted !== true)
          more = await player.playEpisode();
        return { recorded: (await recording?.finish()) ?? null };
      } catch (error) {
        // What was saved before stays saved.
        await recording?.finish().catch(() => null);
        throw error;
      }
    },
    () => signal?.removeEventListener('abort', stop),
    () => viewer.close(player === null ? undefined : farewell(player.current())),
  );
}

/** The last message to the pages. */
function farewell({ finished, successes }: EpisodeStatus): string {
  return `Finished: ${successes} of ${finished} episodes successful. This page stays as it is, and no longer does anything.`;
}

/** Hands on the environment's arm; null where it has none that can be driven. */
function handsOn(env: Env<Box, Box>): Hands | null {
  try {
    return new Hands(env as unknown as Env); // Only looked at, whatever its spaces are.
  } catch {
    return null;
  }
}

function actionNames(env: Env<Box, Box>): string[] {
  const inner = unwrapped(env as unknown as Env); // As above.
  return inner instanceof SawyerEnv
    ? inner.actionQuantities.map(({ name }) => name.replaceAll('_', ' ').replace(/ velocity$/, ''))
    : [];
}
