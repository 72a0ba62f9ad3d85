import { UsageError } from '../common/errors.ts';
import { suggestion } from '../common/near-match.ts';
import { CONFIG_OPTION, defineCommand, JSON_OPTION } from './command.ts';
import { convert, inspect, replay, validate } from './demos-actions.ts';
import { checkWindow, SIMULATOR_OPTIONS, toSimulatorChoice } from './train-options.ts';

export const ACTIONS = ['inspect', 'validate', 'convert', 'replay'] as const;

export const demosCommand = defineCommand({
  name: 'demos',
  summary: 'Look into, check, convert or replay files of demonstrations',
  words: `<${ACTIONS.join('|')}> <files..>`,
  options: {
    out: { type: 'string', describe: 'convert: the file to write; its extension says the format' },
    episodes: { type: 'number', whole: true, least: 1, describe: 'replay: how many', defaultText: 'all' },
    tolerance: { type: 'number', least: 0, describe: 'replay: fails where an observation is off by more than this' },
    ...SIMULATOR_OPTIONS,
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    ['inspect demos.json', 'what it holds: shapes, ranges, lengths, returns, success'],
    ['validate demos.pickle', 'what is wrong with it, by episode and step'],
    ['convert demos.json --out demos.hdf5', 'to another format; numbers keep their bits'],
    ['replay demos.json', 'runs the actions again and says how far the states part'],
  ],
  async run({ values, words }) {
    const [action, ...files] = words;
    if (action === undefined) throw new UsageError(`demos needs to know what to do: ${ACTIONS.join(', ')}.`);
    if (files.length === 0) throw new UsageError(`demos ${action} needs a file.`);
    const json = values.json === true;
    switch (action) {
      case 'inspect':
        return inspect(files, json);
      case 'validate':
        return validate(files, json);
      case 'convert':
        return convert(files, values.out, json);
      case 'replay':
        checkWindow(values);
        return replay(files, {
          ...toSimulatorChoice(values),
          episodes: values.episodes ?? Number.POSITIVE_INFINITY,
          tolerance: values.tolerance ?? Number.POSITIVE_INFINITY,
          json,
        });
      default:
        throw new UsageError(`demos cannot "${action}".${suggestion(action, ACTIONS)}`);
    }
  },
});
