import { pathToFileURL } from 'node:url';
import { type TrainOptions, train } from '../../src/training/index.ts';
import '../training/point-env.ts';

/*
 * A training with workers here and from elsewhere, as the command would run it, on the tests' own environment.
 *
 *   learner.ts RUNS_DIRECTORY new|resume OPTIONS_AS_JSON
 */

const [runsDirectory = '', how = 'new', options = '{}'] = process.argv.slice(2);
const controller = new AbortController();
process.on('SIGINT', () => controller.abort());

const summary = await train(
  { runsDirectory, name: 'chaos', resume: how === 'resume', options: JSON.parse(options) as TrainOptions },
  {
    signal: controller.signal,
    execArgv: ['--import', pathToFileURL(`${import.meta.dirname}/../training/point-env.ts`).href],
    onEvent: event => {
      if (event.kind === 'start') console.log(`started at ${event.resumedAt}`);
      if (event.kind === 'warning') console.log(`warning: ${event.message}`);
    },
  },
);
console.log(JSON.stringify(summary));
