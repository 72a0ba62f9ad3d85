import { performance } from 'node:perf_hooks';
import { closeAfter } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import { CONFIG_OPTION, defineCommand, JSON_OPTION, type OptionSpecs, RUNS_OPTION, withDefaults } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createOutput, formatCount, formatDuration, formatEpisode, formatPercent } from './output.ts';
import { checkRunsDirectory, openRecording } from './record-actor.ts';
import {
  checkWindow,
  ENV_OPTIONS,
  simulatorOptions,
  TRUST_OPTION,
  toEnvOptions,
  toSimulatorChoice,
  toTrust,
  WINDOW_OPTION,
} from './train-options.ts';
import { shorten } from './train-report.ts';

const OPTIONS = {
  policy: {
    type: 'string',
    describe: 'who acts: expert, random, a run, or a checkpoint file',
    default: 'expert',
  },
  env: { type: 'string', describe: 'environment', defaultText: "SawyerGrasp-v1, or the run's" },
  episodes: { type: 'number', whole: true, least: 1, describe: 'number of episodes in the file', default: 20 },
  'only-successful': { type: 'boolean', describe: 'leave out episodes without success, and play others instead' },
  seed: { type: 'number', whole: true, least: 0, describe: 'random seed', default: 1 },
  noise: {
    type: 'number',
    least: 0,
    most: 1,
    describe: 'normal noise on the actions, in the units of [-1, 1]',
    default: 0,
  },
  out: { type: 'string', describe: 'the file: .json, .jsonl, .pickle, .pkl, .hdf5 or .h5' },
  ...ENV_OPTIONS,
  ...simulatorOptions("mujoco, or the run's"),
  ...TRUST_OPTION,
  ...WINDOW_OPTION,
  ...RUNS_OPTION,
  ...CONFIG_OPTION,
  ...JSON_OPTION,
} as const satisfies OptionSpecs;

export const recordCommand = defineCommand({
  name: 'record',
  summary: 'Record demonstrations from the scripted expert, a policy, or random actions',
  options: OPTIONS,
  examples: [
    ['--out demos.json', '20 episodes of the expert in the grasp task'],
    ['--env SawyerLift-v1 --reward sparse --noise 0.3 --out lift.pickle', 'with noise, for Python too'],
    ['--policy runs/mine --only-successful --episodes 100 --out mine.hdf5', "a run's successes, as robomimic has them"],
  ],
  async run({ values: given }) {
    const values = withDefaults(OPTIONS, given);
    const output = createOutput(values.json === true);
    const { out } = values;
    checkWindow(values);
    checkRunsDirectory(given);
    if (out === undefined) throw new UsageError('record needs a file to write: --out demos.json, .pickle or .hdf5.');
    const interrupt = listenForInterrupt(() =>
      output.warn('Stopping: episodes that ended are kept. Ctrl-C again leaves at once.'),
    );
    const { seed, noise, episodes } = values;
    const { checkNewRecording, record } = await import('../demos/index.ts');
    const { objectiveOf } = await import('../envs/index.ts');
    try {
      // Before a simulator is opened, which may take long.
      checkNewRecording(out);
      const recording = await openRecording({
        policy: values.policy,
        ...(values.env === undefined ? {} : { env: values.env }),
        envOptions: toEnvOptions(values),
        ...toSimulatorChoice(values),
        ...toTrust(values, output),
        seed,
        noise,
        runsDirectory: values['runs-dir'],
        onWarning: message => output.warn(`Warning: ${message}`),
      });
      return await closeAfter(async () => {
        const { env, description, actor, maxEpisodeSteps } = recording;
        let reported = false;
        const judged = objectiveOf(description.environment.id) === 'success';
        const { simulator } = description;
        const where = simulator === null ? '' : ` in ${`${simulator.name} ${simulator.version ?? ''}`.trimEnd()}`;
        output.line(`Recording ${description.environment.id}${where}: ${recording.policy}`);
        const began = performance.now();
        const result = await record({
          ...{ env, description, actor, episodes, seed, out },
          policy: { name: recording.policy, noise },
          onlySuccessful: values['only-successful'] === true,
          ...(maxEpisodeSteps === undefined ? {} : { maxEpisodeSteps }),
          signal: interrupt.signal,
          onEpisode: ({ kept, played, success, return: total, length }) => {
            reported ||= success !== null;
            const seconds = (performance.now() - began) / 1000;
            const left = kept === 0 ? '' : ` · ${formatDuration((seconds / kept) * (episodes - kept))} left`;
            output.progress(`${kept} of ${episodes} episodes · ${(played / seconds).toFixed(1)} episodes/s${left}`);
            if (!output.interactive)
              output.line(
                formatEpisode(played, { success: success === true, return: total, length }, judged && success !== null),
              );
          },
        });
        const { successes, transitions } = result;
        const share = result.episodes === 0 ? 0 : successes / result.episodes;
        output.line(
          `Recorded ${result.episodes} of ${result.played} episodes, ${formatCount(transitions)} transitions${judged && reported ? `, ${formatPercent(share)} successful` : ''}`,
        );
        output.line(result.out === null ? 'Nothing written' : `Written ${shorten(result.out)}`);
        const missing = episodes - result.episodes;
        if (missing > 0 && !result.interrupted)
          output.warn(`${missing} episodes are missing: after ${result.played} played, too few succeeded.`);
        output.result(result);
        if (result.interrupted) return interrupt.code();
        return missing > 0 ? 1 : 0;
      }, recording);
    } finally {
      interrupt.release();
    }
  },
});
