import type { SupervisorOptions } from '../bridge/coppeliasim/supervisor/index.ts';
import type { OptionSpecs, Values } from './command.ts';

/** How a CoppeliaSim is started, for all commands that start one. */
export const START_OPTIONS = {
  coppeliasim: {
    type: 'string',
    describe: 'the folder of the CoppeliaSim to start',
    defaultText: 'COPPELIASIM_ROOT_DIR, then PATH',
  },
  gui: { type: 'boolean', describe: "show CoppeliaSim's window" },
  'start-timeout': { type: 'number', describe: 'how long starting may take, s', defaultText: '90' },
} as const satisfies OptionSpecs;

/** The supervisor's options of the command line's. */
export function toSupervisorOptions(values: Values<typeof START_OPTIONS>): SupervisorOptions {
  return {
    ...(values.coppeliasim === undefined ? {} : { coppeliaSim: values.coppeliasim }),
    ...(values.gui === undefined ? {} : { gui: values.gui }),
    ...(values['start-timeout'] === undefined ? {} : { startTimeout: values['start-timeout'] }),
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
