import { existsSync, realpathSync, statSync } from 'node:fs';
import { UsageError } from '../common/errors.ts';
import type { RunDirectory } from '../training/index.ts';
import { CONFIG_OPTION, defineCommand, JSON_OPTION, type OptionSpecs, RUNS_OPTION, withDefaults } from './command.ts';
import { createOutput } from './output.ts';
import { shorten } from './train-report.ts';

const OPTIONS = {
  run: { type: 'list', describe: 'a run, by name or path; may be repeated', defaultText: 'the latest' },
  original: { type: 'boolean', describe: "the original work's curves beside these" },
  width: { type: 'number', whole: true, least: 100, most: 10_000, describe: 'width of a PNG, pixels', default: 1200 },
  out: {
    type: 'string',
    describe: 'the picture, .svg or .png',
    defaultText: "the run's curves.svg; of several, runs/curves.svg",
  },
  ...RUNS_OPTION,
  ...CONFIG_OPTION,
  ...JSON_OPTION,
} as const satisfies OptionSpecs;

export const plotCommand = defineCommand({
  name: 'plot',
  summary: 'Draw the learning curves of one or several runs; runs that differ only in their seed become one curve',
  words: '[runs..]',
  options: OPTIONS,
  examples: [
    ['', "the latest run's curves"],
    ['first second third --out seeds.svg', 'three runs in one picture'],
    ['first second --original --out curves.png', "as a PNG, with the original's curves"],
  ],
  async run({ values: given, words }) {
    const values = withDefaults(OPTIONS, given);
    const output = createOutput(values.json === true);
    const warn = (message: string) => output.warn(`Warning: ${message}`);
    const { RunDirectory, writePicture } = await import('../training/index.ts');
    const { join } = await import('node:path');
    const directory = values['runs-dir'];
    const names = [...(values.run ?? []), ...words];
    const runs = names.length === 0 ? [RunDirectory.latest(directory)] : await openRuns(directory, names, warn);
    const [only, ...others] = runs;
    const standard = others.length === 0 && only !== undefined ? only.curvesPath : join(directory, 'curves.svg');
    const out = values.out ?? standard;
    if (given.width !== undefined && out.toLowerCase().endsWith('.svg'))
      throw new UsageError(
        `--width is the width of a PNG, but the picture is ${out}. Leave it out, or name a .png with --out.`,
      );
    await writePicture(runs, out, {
      original: values.original === true,
      onWarning: warn,
      ...(given.width === undefined ? {} : { width: given.width }),
    });
    output.line(`Curves of ${runs.map(run => run.name).join(', ')}: ${shorten(out)}`);
    output.result({ runs: runs.map(run => run.name), out });
    return 0;
  },
});

/** The runs that were named, each once. */
async function openRuns(
  directory: string,
  names: readonly string[],
  warn: (message: string) => void,
): Promise<RunDirectory[]> {
  const { RunDirectory } = await import('../training/index.ts');
  const runs = new Map<string, RunDirectory>();
  for (const name of names) {
    try {
      const run = RunDirectory.open(directory, name);
      const path = realpathSync(run.path);
      if (runs.has(path)) warn(`The run ${name} is named more than once, and counts once.`);
      else runs.set(path, run);
    } catch (error) {
      // A shell makes of runs/* the files there, too, such as the picture that was drawn before.
      if (!existsSync(name) || !statSync(name).isFile()) throw error;
      warn(`${name} is left out: it is a file, and a run is a folder.`);
    }
  }
  if (runs.size === 0) throw new UsageError('None of what was named is a run. Name runs, or their folders.');
  return [...runs.values()];
}
