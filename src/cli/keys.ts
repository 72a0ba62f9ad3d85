import { defineCommand, JSON_OPTION } from './command.ts';
import { createOutput } from './output.ts';

const keysNewCommand = defineCommand({
  name: 'keys new',
  summary: 'Make keys for a learner and its workers on other machines',
  options: {
    out: { type: 'string', describe: 'folder for the two files', defaultText: 'the current folder' },
    ...JSON_OPTION,
  },
  examples: [['--out keys', 'writes keys/learner.keys.json and keys/worker.keys.json']],
  async run({ values }) {
    const output = createOutput(values.json === true);
    const { writeNewKeys } = await import('../training/index.ts');
    const paths = writeNewKeys(values.out ?? '.');
    output.line(`${paths.learner}  stays with the learner: train --listen tcp://0.0.0.0:5555 --keys ${paths.learner}`);
    output.line(`${paths.worker}  goes to each worker: worker --learner tcp://HOST:5555 --keys ${paths.worker}`);
    output.line('Whoever has the second file can join the training. Copy it the way you would a password.');
    output.result(paths);
    return 0;
  },
});

export const keysCommand = defineCommand({
  name: 'keys',
  summary: 'Keys for trainings over a network',
  subcommands: [keysNewCommand],
  options: {},
  examples: [],
  async run() {
    return 0;
  },
});
