import { UsageError } from '../common/errors.ts';
import { defineCommand, JSON_OPTION, type OptionSpecs, withDefaults } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createOutput, formatCount } from './output.ts';
import { TRUST_OPTION } from './train-options.ts';

const OPTIONS = {
  learner: { type: 'string', describe: 'where the learner listens, such as tcp://host:5555' },
  keys: { type: 'string', describe: "the worker's key file; needed beyond this machine" },
  coppeliasim: {
    type: 'string',
    describe: "the CoppeliaSim to start for the learner's job: its folder",
    defaultText: 'COPPELIASIM_ROOT_DIR, or on the PATH',
  },
  ...TRUST_OPTION,
  patience: { type: 'number', least: 0.001, describe: 'longest wait for a silent learner, s', default: 300 },
  ...JSON_OPTION,
} as const satisfies OptionSpecs;

export const workerCommand = defineCommand({
  name: 'worker',
  summary: 'Step environments for a training elsewhere; may join and leave at any time',
  options: OPTIONS,
  examples: [
    ['--learner tcp://127.0.0.1:5555', 'for a training on this machine that was started with --listen'],
    ['--learner tcp://learner.lab:5555 --keys worker.keys.json', 'for one on another machine'],
    ['--learner tcp://127.0.0.1:5555 --trust ~/policies', 'for one whose policy module is in that folder'],
  ],
  async run({ values }) {
    const output = createOutput(values.json === true);
    const { learner, patience } = withDefaults(OPTIONS, values);
    if (learner === undefined) throw new UsageError('A worker needs to know its learner: --learner tcp://host:port.');
    const { readKeys, runWorker } = await import('../training/index.ts');
    const keys = values.keys === undefined ? undefined : readKeys(values.keys, 'worker');
    const interrupt = listenForInterrupt(() => output.warn('Leaving after this step. Ctrl-C again leaves at once.'));
    try {
      const end = await runWorker({
        address: learner,
        patience,
        ...(values.coppeliasim === undefined ? {} : { coppeliasim: values.coppeliasim }),
        ...(values.trust === undefined ? {} : { trust: values.trust }),
        ...(keys === undefined ? {} : { keys, secret: keys.secret }),
        signal: interrupt.signal,
        onEvent: message => output.line(message),
      });
      output.line(`Done (${end.reason}) after ${formatCount(end.envSteps)} environment steps.`);
      output.result(end);
      return interrupt.code();
    } finally {
      interrupt.release();
    }
  },
});
