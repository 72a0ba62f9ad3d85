import { CONFIG_OPTION, defineCommand, JSON_OPTION, RUNS_OPTION } from './command.ts';
import { createOutput, formatBytes } from './output.ts';
import { checkWindow, POLICY_OPTIONS, SIMULATOR_OPTIONS, toSimulatorChoice } from './train-options.ts';
import { shorten } from './train-report.ts';

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'Write a trained policy as one ONNX file, checked by running it',
  options: {
    ...POLICY_OPTIONS,
    out: { type: 'string', describe: 'the file', defaultText: "policy.onnx in the run's folder" },
    batch: { type: 'number', describe: 'observations that it takes at once', defaultText: '1' },
    ...SIMULATOR_OPTIONS,
    ...RUNS_OPTION,
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    ['', "the latest run's policy"],
    ['--run mine --out grasp.onnx', "a run's policy, into a file of that name"],
  ],
  async run({ values }) {
    const output = createOutput(values.json === true);
    checkWindow(values);
    const { exportPolicy, findCheckpoint } = await import('../training/index.ts');
    const { dirname, join } = await import('node:path');
    const path = findCheckpoint({
      ...(values.run === undefined ? {} : { run: values.run }),
      ...(values.policy === undefined ? {} : { policy: values.policy }),
      ...(values.checkpoint === undefined ? {} : { checkpoint: values.checkpoint }),
      runsDirectory: values['runs-dir'] ?? 'runs',
    });
    // Beside a run's checkpoints/, or beside a checkpoint that was copied away from one.
    const folder = values.policy === undefined ? dirname(dirname(path)) : dirname(path);
    const out = values.out ?? join(folder, 'policy.onnx');
    const result = await exportPolicy(path, out, {
      ...(values.batch === undefined ? {} : { batch: values.batch }),
      ...toSimulatorChoice(values),
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
