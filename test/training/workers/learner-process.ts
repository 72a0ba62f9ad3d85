import { listenForInterrupt } from '../../../src/cli/interrupt.ts';
import { type TrainOptions, train } from '../../../src/training/index.ts';
import { execArgv } from './processes.ts';

/*
 * A training with workers as the command would run it, on the tests' own environments.
 *
 *   learner-process.ts RUNS_DIRECTORY OPTIONS_AS_JSON
 */

const [runsDirectory = '', options = '{}'] = process.argv.slice(2);
const interrupt = listenForInterrupt(() => console.log('stopping'));
await train(
  { runsDirectory, name: 'processes', options: JSON.parse(options) as TrainOptions, force: true },
  {
    signal: interrupt.signal,
    execArgv,
    onEvent: event => {
      if (event.kind === 'warning') console.log(`warning: ${event.message}`);
    },
  },
);
process.exitCode = interrupt.code();
