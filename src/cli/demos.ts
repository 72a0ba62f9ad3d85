import { UsageError } from '../common/errors.ts';
import { CONFIG_OPTION, defineCommand, JSON_OPTION } from './command.ts';
import { convert, inspect, replay, validate } from './demos-actions.ts';
import {
  checkWindow,
  SELECTION_OPTIONS,
  simulatorOptions,
  toSelection,
  toSimulatorChoice,
  WINDOW_OPTION,
} from './train-options.ts';

function atLeastOne(action: string, files: readonly string[]): readonly string[] {
  if (files.length === 0) throw new UsageError(`demos ${action} needs a file.`);
  return files;
}

const inspectCommand = defineCommand({
  name: 'demos inspect',
  summary: 'Show what files of demonstrations hold: shapes, ranges, lengths, returns, success',
  words: '<files..>',
  options: { ...SELECTION_OPTIONS, ...JSON_OPTION },
  examples: [['demos.json', 'one file']],
  run: async ({ values, words }) => inspect(atLeastOne('inspect', words), toSelection(values), values.json === true),
});

const validateCommand = defineCommand({
  name: 'demos validate',
  summary: 'List what is wrong with files of demonstrations, by episode and step',
  words: '<files..>',
  options: { ...SELECTION_OPTIONS, ...JSON_OPTION },
  examples: [['demos.pickle', 'exit code 1 if anything is wrong']],
  run: async ({ values, words }) => validate(atLeastOne('validate', words), toSelection(values), values.json === true),
});

const convertCommand = defineCommand({
  name: 'demos convert',
  summary: 'Write a file of demonstrations in another format; numbers keep their bits',
  words: '<file>',
  options: {
    out: { type: 'string', describe: 'the file to write: .json, .jsonl, .pickle, .pkl, .hdf5 or .h5' },
    ...SELECTION_OPTIONS,
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    ['demos.json --out demos.hdf5', 'from JSON to HDF5'],
    ['robomimic.hdf5 --split train --obs-keys object,robot0_eef_pos --out mine.json', 'part of a file'],
  ],
  run: async ({ values, words }) =>
    convert(atLeastOne('convert', words), values.out, toSelection(values), values.json === true),
});

const replayCommand = defineCommand({
  name: 'demos replay',
  summary: 'Carry out the recorded actions again and compare the states',
  words: '<file>',
  options: {
    episodes: { type: 'number', whole: true, least: 1, describe: 'number of episodes', defaultText: 'all' },
    tolerance: {
      type: 'number',
      least: 0,
      describe: 'exit code 1 if an observation differs by more than this',
      defaultText: 'no limit',
    },
    ...SELECTION_OPTIONS,
    ...simulatorOptions("the recording's"),
    ...WINDOW_OPTION,
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [['demos.json --episodes 3', 'the first three episodes']],
  async run({ values, words }) {
    checkWindow(values);
    return replay(atLeastOne('replay', words), {
      ...toSimulatorChoice(values),
      selection: toSelection(values),
      episodes: values.episodes ?? Number.POSITIVE_INFINITY,
      tolerance: values.tolerance ?? Number.POSITIVE_INFINITY,
      json: values.json === true,
    });
  },
});

export const demosCommand = defineCommand({
  name: 'demos',
  summary: 'Look into, check, convert or replay files of demonstrations',
  subcommands: [inspectCommand, validateCommand, convertCommand, replayCommand],
  options: {},
  examples: [],
  async run() {
    return 0;
  },
});
