import type { SupervisorOptions } from '../bridge/coppeliasim/supervisor/index.ts';
import { UsageError } from '../common/errors.ts';
import { type OptionSpecs, type Values, withDefaults } from './command.ts';

/** How a CoppeliaSim is started, for all commands that start one. */
export const START_OPTIONS = {
  coppeliasim: {
    type: 'string',
    describe: 'the folder of the CoppeliaSim to start',
    defaultText: 'COPPELIASIM_ROOT_DIR, then PATH',
  },
  gui: { type: 'boolean', describe: "show CoppeliaSim's window" },
  'start-timeout': { type: 'number', describe: 'longest start, s', default: 90 },
} as const satisfies OptionSpecs;

/** Throws UsageError if options of starting a CoppeliaSim are given for one that runs already, or for none. */
export function checkNothingStarts(given: Values<OptionSpecs>, running: string, options: readonly string[]): void {
  const ignored = options.filter(name => given[name] !== undefined);
  if (ignored.length > 0)
    throw new UsageError(
      `${ignored.map(name => `--${name}`).join(', ')}: only for a CoppeliaSim that is started, and ${running} starts none. Give one or the other.`,
    );
}

/** Returns the supervisor's options for those of the command line. */
export function toSupervisorOptions(given: Values<typeof START_OPTIONS>): SupervisorOptions {
  const values = withDefaults(START_OPTIONS, given);
  return {
    ...(values.coppeliasim === undefined ? {} : { coppeliaSim: values.coppeliasim }),
    ...(values.gui === undefined ? {} : { gui: values.gui }),
    startTimeout: values['start-timeout'],
  };
}

/** Rejects with the signal's reason when it is aborted, unless the promise is settled before. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return await new Promise<T>((done, fail) => {
    signal.addEventListener('abort', () => fail(signal.reason), { once: true });
    promise.then(done, fail);
  });
}
