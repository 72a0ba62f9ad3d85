import { UsageError } from '../common/errors.ts';
import type { EvaluatedEpisode, TestOptions } from '../training/index.ts';
import { CONFIG_OPTION, defineCommand, JSON_OPTION, type OptionSpecs, RUNS_OPTION, withDefaults } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createOutput, formatEpisode, formatSuccess, isJudgedBySuccess } from './output.ts';
import {
  checkPolicyChoice,
  ENV_OPTIONS,
  POLICY_OPTIONS,
  simulatorOptions,
  TRUST_OPTION,
  toEnvOptions,
  toSimulatorChoice,
  toTrust,
} from './train-options.ts';
import { shorten } from './train-report.ts';
import { checkNoPage, WATCH_OPTIONS } from './view-options.ts';
import { watchTest } from './watch-test.ts';

const OPTIONS = {
  ...POLICY_OPTIONS,
  episodes: { type: 'number', whole: true, least: 1, describe: 'number of episodes', default: 30 },
  seed: { type: 'number', whole: true, least: 0, describe: 'random seed of the episodes', default: 0 },
  ...ENV_OPTIONS,
  ...simulatorOptions("the training's"),
  ...TRUST_OPTION,
  ...WATCH_OPTIONS,
  video: { type: 'string', describe: 'films the episodes: .mp4, .webm or .gif; needs an installed Chromium' },
  ...RUNS_OPTION,
  ...CONFIG_OPTION,
  ...JSON_OPTION,
} as const satisfies OptionSpecs;

export const testCommand = defineCommand({
  name: 'test',
  summary: 'Play episodes with a trained policy, deterministic: its success rate and mean return',
  options: OPTIONS,
  examples: [
    ['', "30 episodes with the latest run's policy"],
    ['--run mine --episodes 200 --seed 7', 'more episodes, from other starts'],
    ['--simulator coppeliasim --scene sawyer.ttt', 'in CoppeliaSim, whichever simulator it was trained on'],
    ['--run mine --gui', 'the same on a page in 3-D, where it can be paused and taken over'],
    ['--run mine --episodes 5 --video grasp.mp4', 'a film of five episodes'],
    ['--policy runs/mine/checkpoints/step-000008012.checkpoint', 'one checkpoint'],
  ],
  async run({ values: given }) {
    const values = withDefaults(OPTIONS, given);
    const output = createOutput(values.json === true);
    const { video } = values;
    const paged = values.gui === true && values.simulator !== 'coppeliasim';
    if (!paged) checkNoPage(given);
    checkPolicyChoice(given);
    if (video !== undefined && values.gui === true)
      throw new UsageError('--video films episodes without a page, and --gui shows them on one. Give one of them.');
    const interrupt = listenForInterrupt(() =>
      output.warn(
        paged ? 'Stopping.' : video === undefined ? 'Stopping after this episode.' : 'Stopping; no video is made.',
      ),
    );
    const { findCheckpoint, readCheckpointMeta, testPolicy } = await import('../training/index.ts');
    const { objectiveOf } = await import('../envs/index.ts');
    try {
      const play = video === undefined ? testPolicy : (await import('./film-test.ts')).filming(video, output);
      const path = findCheckpoint({
        ...(values.run === undefined ? {} : { run: values.run }),
        ...(values.policy === undefined ? {} : { policy: values.policy }),
        ...(values.checkpoint === undefined ? {} : { checkpoint: values.checkpoint }),
        runsDirectory: values['runs-dir'],
      });
      const objective = objectiveOf(String(readCheckpointMeta(path).config.env));
      output.line(`Policy ${shorten(path)}`);
      const options = {
        episodes: values.episodes,
        seed: values.seed,
        envOptions: toEnvOptions(values),
        ...toSimulatorChoice(values),
        ...toTrust(values, output),
        signal: interrupt.signal,
        onSimulator: (simulator: string) => {
          if (simulator !== '') output.line(`Simulator ${simulator}`);
        },
        onWarning: (message: string) => output.warn(`Warning: ${message}`),
        onEpisode: (episode: EvaluatedEpisode) =>
          output.line(formatEpisode(episode.index + 1, episode, isJudgedBySuccess(objective, episode))),
      } satisfies TestOptions;
      const result = await (paged ? watchTest(path, options, values, output) : play(path, options));
      output.line(
        result.episodes === 0
          ? 'No episode that counts came to its end'
          : isJudgedBySuccess(objective, result)
            ? `Success ${formatSuccess(result)}, mean return ${result.meanReturn.toFixed(2)}`
            : `Mean return ${result.meanReturn.toFixed(2)} of ${result.episodes} episodes, mean length ${result.meanLength.toFixed(0)} steps`,
      );
      output.result({ policy: path, ...result, interrupted: interrupt.signal.aborted });
      return interrupt.code();
    } finally {
      interrupt.release();
    }
  },
});
