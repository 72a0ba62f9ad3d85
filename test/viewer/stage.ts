import { onTestFinished } from 'vitest';
import { Random } from '../../src/common/random.ts';
import { createExpert, type Recording } from '../../src/demos/index.ts';
import { type Box, type Env, makeEnv, SawyerEnv, unwrapped } from '../../src/envs/index.ts';
import type { PlayedEpisode } from '../../src/viewer/episodes/player.ts';
import { watchEpisodes } from '../../src/viewer/index.ts';

export interface Staged {
  readonly url: string;
  readonly env: SawyerEnv;
  readonly played: PlayedEpisode[];
  /** Ends it, and waits. */
  stop(): Promise<{ recorded: string | null }>;
}

export interface StageOptions {
  readonly episodes?: number | null;
  readonly speed?: number;
  readonly envOptions?: Record<string, unknown>;
  readonly seed?: number;
  /** Without: a person drives. */
  readonly expert?: boolean;
  readonly record?: (env: Env<Box, Box>) => Recording;
  readonly patience?: number;
}

/** The real thing: an environment, its expert, the server and the page, as `test --gui` puts them together. */
export async function stage(options: StageOptions = {}): Promise<Staged> {
  const { episodes = null, speed = 1, envOptions = {}, seed = 1, expert = true, patience = 0, record } = options;
  const seeds = new Random(seed);
  const controller = new AbortController();
  const played: PlayedEpisode[] = [];
  let env: Env | undefined;
  let ready: (url: string) => void = () => {};
  const url = new Promise<string>(resolve => {
    ready = resolve;
  });
  const end = watchEpisodes({
    title: 'a test',
    async open(around) {
      env = await makeEnv('SawyerGrasp-v1', envOptions, { around });
      const act = expert ? await createExpert(env) : null;
      const pilot = act === null ? null : { act: async () => act() };
      return { env: env as unknown as Env<Box, Box>, pilot, maxEpisodeSteps: 1000 }; // Its spaces are boxes.
    },
    ...(record === undefined ? {} : { record: performance => record(performance.env) }),
    episodes,
    speed,
    patience,
    assistedCounts: true,
    seeds: { next: () => ({ done: false, value: seeds.uint32() }) },
    signal: controller.signal,
    announce: () => {},
    onReady: address => ready(address),
    onEpisode: episode => played.push(episode),
  });
  let over = false;
  const stop = async () => {
    controller.abort();
    const result = await end;
    if (!over) await env?.close();
    over = true;
    return result;
  };
  onTestFinished(async () => {
    await stop().catch(() => {});
  });
  const address = await Promise.race([url, end.then(() => Promise.reject(new Error('it ended first')))]);
  const inner = env === undefined ? null : unwrapped(env);
  if (!(inner instanceof SawyerEnv)) throw new Error('SawyerGrasp-v1 is no Sawyer environment.');
  return { url: address, env: inner, played, stop };
}
