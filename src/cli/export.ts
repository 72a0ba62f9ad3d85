import { CONFIG_OPTION, defineCommand, JSON_OPTION, type OptionSpecs, RUNS_OPTION, withDefaults } from './command.ts';
import { createOutput, formatBytes } from './output.ts';
import {
  checkPolicyChoice,
  POLICY_OPTIONS,
  simulatorOptions,
  TRUST_OPTION,
  toSimulatorChoice,
  toTrust,
} from './train-options.ts';
import { shorten } from './train-report.ts';

const OPTIONS = {
  ...POLICY_OPTIONS,
  out: { type: 'string', describe: 'the file', defaultText: "policy.onnx in the run's folder" },
  batch: {
    type: 'number',
    whole: true,
    least: 1,
    most: 65_536,
    describe: 'observations that it takes at once',
    default: 1,
  },
  ...simulatorOptions("the training's"),
  ...TRUST_OPTION,
  ...RUNS_OPTION,
  ...CONFIG_OPTION,
  ...JSON_OPTION,
} as const satisfies OptionSpecs;

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'Write a trained policy as one ONNX file, checked by running it',
  options: OPTIONS,
  examples: [
    ['', "the latest run's policy"],
    ['--run mine --out grasp.onnx', "a run's policy, into a file of that name"],
  ],
  async run({ values: given }) {
    const values = withDefaults(OPTIONS, given);
    const output = createOutput(values.json === true);
    checkPolicyChoice(given);
    const { exportPolicy, findCheckpoint } = await import('../training/index.ts');
    const { dirname, join } = await import('node:path');
    const path = findCheckpoint({
      ...(values.run === undefined ? {} : { run: values.run }),
      ...(values.policy === undefined ? {} : { policy: values.policy }),
      ...(values.checkpoint === undefined ? {} : { checkpoint: values.checkpoint }),
      runsDirectory: values['runs-dir'],
    });
    // Beside a run's checkpoints/, or beside a checkpoint that was copied away from one.
    const folder = values.policy === undefined ? dirname(dirname(path)) : dirname(path);
    const out = values.out ?? join(folder, 'policy.onnx');
    const result = await exportPolicy(path, out, {
      batch: values.batch,
      ...toSimulatorChoice(values),
      ...toTrust(values, output),
    });
    output.line(`Policy   ${shorten(path)}`);
    output.line(`Written  ${shorten(out)}, ${formatBytes(result.bytes)}`);
    output.line(
      `Checked  on ${result.checked} observations with ONNX Runtime: largest difference ${result.maxDifference.toExponential(1)}`,
    );
    output.result({ policy: path, ...result });
    return 0;
  },
});
