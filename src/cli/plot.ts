import { CONFIG_OPTION, defineCommand, JSON_OPTION, RUNS_OPTION } from './command.ts';
import { createOutput } from './output.ts';
import { shorten } from './train-report.ts';

export const plotCommand = defineCommand({
  name: 'plot',
  summary: 'Draw the learning curves of one or several runs; runs that differ only in their seed become one curve',
  words: '[runs..]',
  options: {
    run: { type: 'list', describe: 'a run, by name or path; may be repeated', defaultText: 'the latest' },
    original: { type: 'boolean', describe: "the original work's curves beside these" },
    width: { type: 'number', describe: 'width of a PNG, pixels', defaultText: '1200' },
    out: {
      type: 'string',
      describe: 'the picture, .svg or .png',
      defaultText: "the run's curves.svg; of several, runs/curves.svg",
    },
    ...RUNS_OPTION,
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    ['', "the latest run's curves"],
    ['first second third --out seeds.svg', 'three runs in one picture'],
    ['first second --original --out curves.png', "as a PNG, with the original's curves"],
  ],
  async run({ values, words }) {
    const output = createOutput(values.json === true);
    const { RunDirectory, writePicture } = await import('../training/index.ts');
    const { join } = await import('node:path');
    const directory = values['runs-dir'] ?? 'runs';
    const names = [...(values.run ?? []), ...words];
    const runs =
      names.length === 0 ? [RunDirectory.latest(directory)] : names.map(name => RunDirectory.open(directory, name));
    const [only, ...others] = runs;
    const standard = others.length === 0 && only !== undefined ? only.curvesPath : join(directory, 'curves.svg');
    const out = values.out ?? standard;
    await writePicture(runs, out, {
      original: values.original === true,
      onWarning: message => output.warn(`Warning: ${message}`),
      ...(values.width === undefined ? {} : { width: values.width }),
    });
    output.line(`Curves of ${runs.map(run => run.name).join(', ')}: ${shorten(out)}`);
    output.result({ runs: runs.map(run => run.name), out });
    return 0;
  },
});
