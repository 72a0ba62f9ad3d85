import { closeAfter } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import { Random } from '../common/random.ts';
import type { Box, Env } from '../envs/index.ts';
import type { EvaluatedEpisode, EvaluationResult, TestOptions } from '../training/index.ts';
import type { Values } from './command.ts';
import type { Output } from './output.ts';
import { presentPage, type WATCH_OPTIONS } from './view-options.ts';

/** Plays a test's episodes on a page, as fast as they would be in the world; those that a person helped or chose do not count. */
export async function watchTest(
  path: string,
  options: TestOptions,
  values: Values<typeof WATCH_OPTIONS>,
  output: Output,
): Promise<EvaluationResult> {
  const { loadPolicy, pilotOf, summarize } = await import('../training/index.ts');
  const { watchEpisodes } = await import('../viewer/index.ts');
  const { episodes, seed, envOptions, signal, onEpisode } = options;
  const seeds = new Random(seed);
  const counted: EvaluatedEpisode[] = [];
  let close = async () => {};
  return closeAfter(
    async () => {
      await watchEpisodes({
        title: path.split(/[/\\]/).slice(-3, -2)[0] ?? path,
        async open(around) {
          let seen = false;
          const loaded = await loadPolicy(path, envOptions, {
            ...options,
            around: simulator => {
              seen = true;
              return around(simulator);
            },
          });
          close = loaded.close;
          const { env, policy, config } = loaded;
          if (!seen || env.actionSpace.kind !== 'box')
            throw new UsageError(`${config.env} cannot be watched: there is nothing of it in 3-D. Leave --gui out.`);
          return { env: env as Env<Box, Box>, pilot: pilotOf(policy), maxEpisodeSteps: config.maxEpisodeSteps };
        },
        ...(values.port === undefined ? {} : { port: values.port }),
        ...(values.speed === undefined ? {} : { speed: values.speed }),
        ...(signal === undefined ? {} : { signal }),
        episodes,
        // The same seeds as without a page.
        seeds: { next: () => ({ done: false, value: seeds.uint32() }) },
        announce: text => output.line(text),
        onReady: url => void presentPage(url, values, output),
        onEpisode: ({ assisted, chosen, ...episode }) => {
          if (assisted || chosen) {
            const why = assisted ? 'assisted' : 'chosen';
            output.line(`${why.padEnd(11)}  ${episode.success ? 'success' : 'failure'}  does not count`);
            return;
          }
          const evaluated = { index: counted.length, ...episode };
          counted.push(evaluated);
          onEpisode?.(evaluated);
        },
      });
      return summarize(counted);
    },
    () => close(),
  );
}
