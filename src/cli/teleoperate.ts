import { closeAfter } from '../common/close-all.ts';
import { Random } from '../common/random.ts';
import { CONFIG_OPTION, defineCommand, JSON_OPTION, type OptionSpecs, RUNS_OPTION, withDefaults } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createOutput, formatCount, formatEpisode } from './output.ts';
import { checkRunsDirectory } from './record-actor.ts';
import { openTeleoperation } from './teleoperation.ts';
import {
  checkWindow,
  ENV_OPTIONS,
  simulatorOptions,
  TRUST_OPTION,
  toEnvOptions,
  toSimulatorChoice,
  toTrust,
} from './train-options.ts';
import { shorten } from './train-report.ts';
import { PAGE_OPTIONS, presentPage } from './view-options.ts';

const OPTIONS = {
  out: {
    type: 'string',
    describe: 'the file: .json, .jsonl, .pickle, .pkl, .hdf5 or .h5',
    defaultText: 'none is saved',
  },
  policy: {
    type: 'string',
    describe: 'who drives until you take over: expert, a run, or a checkpoint file',
    defaultText: 'nobody',
  },
  env: { type: 'string', describe: 'environment', defaultText: "SawyerGrasp-v1, or the run's" },
  episodes: {
    type: 'number',
    whole: true,
    least: 1,
    describe: 'number of episodes',
    defaultText: 'until Ctrl-C',
  },
  seed: { type: 'number', whole: true, least: 0, describe: 'random seed of the episodes', default: 1 },
  ...PAGE_OPTIONS,
  ...ENV_OPTIONS,
  ...simulatorOptions("mujoco, or the run's"),
  ...TRUST_OPTION,
  gui: { type: 'boolean', describe: "show CoppeliaSim's own window beside the page, with --simulator coppeliasim" },
  ...RUNS_OPTION,
  ...CONFIG_OPTION,
  ...JSON_OPTION,
} as const satisfies OptionSpecs;

export const teleoperateCommand = defineCommand({
  name: 'teleoperate',
  summary: 'Drive the arm by keyboard, gamepad or mouse on a page, and record demonstrations; until Ctrl-C',
  options: OPTIONS,
  examples: [
    ['--out demos.json', 'grasp the block by hand; every episode is saved or discarded'],
    ['--env SawyerLift-v1 --out lift.hdf5', 'another task, another format'],
    ['--policy runs/mine --out fixes.json', 'take over where the policy goes wrong; such steps are marked'],
  ],
  async run({ values: given }) {
    const values = withDefaults(OPTIONS, given);
    checkWindow(values);
    checkRunsDirectory(given);
    const output = createOutput(values.json === true);
    const { out, episodes } = values;
    const seeds = new Random(values.seed);
    const counts = { played: 0, successes: 0 };
    const { watchEpisodes } = await import('../viewer/index.ts');
    const { checkNewRecording, Recording } = await import('../demos/index.ts');
    if (out !== undefined) checkNewRecording(out);
    const session = openTeleoperation({
      ...(values.policy === undefined ? {} : { policy: values.policy }),
      ...(values.env === undefined ? {} : { env: values.env }),
      envOptions: toEnvOptions(values),
      ...toSimulatorChoice(values),
      ...toTrust(values, output),
      runsDirectory: values['runs-dir'],
    });
    const interrupt = listenForInterrupt(() => output.warn('Stopping: what was saved is kept.'));
    return closeAfter(
      async () => {
        const { recorded } = await watchEpisodes({
          title: values.env ?? 'teleoperation',
          open: around => session.open(around),
          ...(out === undefined ? {} : { record: () => new Recording(out, session.metadata(values.seed)) }),
          ...(values.port === undefined ? {} : { port: values.port }),
          episodes: episodes ?? null,
          seeds: { next: () => ({ done: false, value: seeds.uint32() }) },
          assistedCounts: true,
          patience: Number.POSITIVE_INFINITY,
          signal: interrupt.signal,
          announce: text => output.line(text),
          onReady: url => void presentPage(url, values, output),
          onEpisode: ({ success, length, return: total }) => {
            counts.played++;
            if (success) counts.successes++;
            output.line(formatEpisode(counts.played, { success, return: total, length }, true));
          },
        });
        output.line(`Played ${formatCount(counts.played)} episodes, ${formatCount(counts.successes)} successful`);
        output.line(recorded === null ? 'Nothing written' : `Written ${shorten(recorded)}`);
        output.result({ out: recorded, ...counts, interrupted: interrupt.signal.aborted });
        if (interrupt.signal.aborted) return interrupt.code();
        return out !== undefined && recorded === null ? 1 : 0;
      },
      session,
      interrupt.release,
    );
  },
});
