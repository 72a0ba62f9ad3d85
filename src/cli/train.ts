import { closeAfter } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import { suggestion } from '../common/near-match.ts';
import type { TrainSummary, WandbBoard } from '../training/index.ts';
import { CONFIG_OPTION, defineCommand, JSON_OPTION, RUNS_OPTION } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createOutput } from './output.ts';
import { trainHelp } from './train-help.ts';
import { TRAIN_OPTIONS, TRUST_OPTION, toTrainOptions } from './train-options.ts';
import { TrainReport } from './train-report.ts';
import { checkNoPage, GUI_OPTIONS } from './view-options.ts';
import { sendToWandb, WANDB_OPTIONS } from './wandb.ts';
import { watchTraining } from './watch-train.ts';

export const trainCommand = defineCommand({
  name: 'train',
  summary: 'Train a policy',
  words: '[more files of --demos..]',
  options: {
    ...TRAIN_OPTIONS,
    name: { type: 'string', describe: "the run's name", defaultText: 'environment, algorithm, seed, time' },
    run: { type: 'string', describe: 'the same as --name' },
    resume: { type: 'boolean', describe: 'resume the run of that name, or the latest' },
    checkpoint: {
      type: 'string',
      describe: 'with --resume, which checkpoint: last, best, a number of environment steps, or a file',
      defaultText: 'the newest that is whole',
    },
    ...TRUST_OPTION,
    force: { type: 'boolean', describe: 'start --workers even if this machine seems too small for them' },
    ...WANDB_OPTIONS,
    ...GUI_OPTIONS,
    ...RUNS_OPTION,
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    ['', 'the grasp task with everything at its default'],
    ['--env SawyerLift-v1 --seed 3', 'another task, another seed'],
    ['--observation joint --target fixed', 'variants of the task'],
    ['--preset original', 'the published task and its training'],
    ['--algo ppo --env CartPole-v1', 'another algorithm'],
    ['--policy ./my-policy.ts --env CartPole-v1', 'an algorithm of your own'],
    ['--steps 20000 --until-success 0 --name long', 'so many steps, however well it does'],
    ['--simulator coppeliasim --address 23000', 'in a CoppeliaSim that runs already'],
    ['--simulator coppeliasim --coppeliasim ~/CoppeliaSim --scene sawyer.ttt', 'in one that is started for it'],
    ['--workers 6', 'six processes step environments, this one learns'],
    ['--workers 0 --listen tcp://0.0.0.0:5555 --keys learner.keys.json', 'workers join from other machines'],
    ['--env SawyerLift-v1 --reward sparse --demos lift.json', 'half of what is learned from is demonstrated'],
    ['--demos a.json b.hdf5 --demo-weights 3,1 --pretrain 500', 'two files; first the policy imitates them'],
    ['--gui', 'with the arm and the curves on a page, live'],
    [
      '--wandb grasping',
      'its metrics at Weights & Biases, too, in the project grasping (needs npm install --save-dev @wandb/sdk)',
    ],
    ['--resume --name long --steps 40000', 'go on with that run'],
    ['--resume --name long --checkpoint 5000', 'from an earlier checkpoint of it'],
  ],
  help: trainHelp,
  async run({ values: given, words }) {
    const values = withMoreDemos(given, words);
    const output = createOutput(values.json === true);
    if (values.gui !== true) checkNoPage(values);
    if (values.checkpoint !== undefined && values.resume !== true)
      throw new UsageError('--checkpoint chooses where a run is resumed. Add --resume, or leave it out.');
    if (values.name !== undefined && values.run !== undefined && values.name !== values.run)
      throw new UsageError(
        `--name is "${values.name}" and --run is "${values.run}", and both name the run. Give one of them.`,
      );
    const interrupt = listenForInterrupt(() =>
      output.warn('Stopping after this episode, with a checkpoint. Ctrl-C again leaves at once.'),
    );
    const page =
      values.gui === true
        ? await watchTraining(values['runs-dir'] ?? RUNS_OPTION['runs-dir'].default, values, output)
        : null;
    let board: WandbBoard | null = null;
    let code = 1;
    let summary: TrainSummary | undefined;
    return closeAfter(
      async () => {
        const options = toTrainOptions(values);
        board = await sendToWandb(values, output);
        const { train } = await import('../training/index.ts');
        const report = new TrainReport(output, new Set(Object.keys(options)));
        const name = values.name ?? values.run;
        summary = await train(
          {
            options,
            resume: values.resume === true,
            force: values.force === true,
            ...(values.trust === undefined ? {} : { trust: values.trust }),
            ...(name === undefined ? {} : { name }),
            ...(values.checkpoint === undefined ? {} : { checkpoint: values.checkpoint }),
            ...(values['runs-dir'] === undefined ? {} : { runsDirectory: values['runs-dir'] }),
          },
          // The clock of performance.now() begins with the process.
          {
            signal: interrupt.signal,
            onEvent: event => {
              report.event(event);
              page?.onEvent(event);
              board?.onEvent(event);
            },
            wallStart: 0,
            ...page?.hooks,
          },
        );
        report.end(summary);
        for (const missing of summary.missing) output.warn(`Not saved: ${missing}`);
        code = summary.missing.length > 0 ? 1 : summary.interrupted ? interrupt.code() : 0;
        // Before the last line, which is the result's.
        await board?.finish(code, summary);
        output.result(summary);
        return code;
      },
      () => board?.finish(code, summary),
      page,
      interrupt.release,
    );
  },
});

/** `--demos a.json b.json` names two files. Throws UsageError for words that are none. */
function withMoreDemos<V extends { readonly demos?: readonly string[] }>(values: V, words: readonly string[]): V {
  const [first] = words;
  if (first === undefined) return values;
  if (values.demos === undefined)
    throw new UsageError(
      `train takes no words of its own, but got "${first}".${suggestion(
        first,
        Object.keys(TRAIN_OPTIONS).map(option => `--${option}`),
      )}`,
    );
  return { ...values, demos: [...values.demos, ...words] };
}
