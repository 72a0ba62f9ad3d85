import { closeAndThrow, closeTogether } from '../../../common/close-all.ts';
import { SimulatorStartError } from '../../errors.ts';
import { findInstallation } from './installation.ts';
import { type SupervisorOptions, supervisorSettings } from './options.ts';
import { type Prepare, SupervisedCoppeliaSim } from './supervisor.ts';

/**
 * Finds CoppeliaSim, starts it, and keeps it running until `close()`.
 *
 * @param prepare is called after each start and must leave the scene ready; it may be tried again in a new process.
 * @param signal gives the first start up, whose reason is thrown; nothing is left running then.
 * @throws SimulatorStartError where it cannot be found or does not come up; what `prepare` throws the first time.
 */
export async function superviseCoppeliaSim(
  options: SupervisorOptions = {},
  prepare?: Prepare,
  signal?: AbortSignal,
): Promise<SupervisedCoppeliaSim> {
  const settings = supervisorSettings(options);
  const installation = findInstallation(
    settings.coppeliaSim === undefined ? {} : { coppeliaSim: settings.coppeliaSim },
  );
  if (process.platform === 'win32')
    throw new SimulatorStartError(
      'Starting CoppeliaSim from here needs Linux or macOS. Start it by hand and connect with --address tcp://127.0.0.1:23000.',
    );
  return await new SupervisedCoppeliaSim(installation, settings, prepare).begun(signal);
}

/**
 * Starts several at once, each on ports of its own; log files are numbered. When one does not come up, none is left.
 */
export async function superviseSeveral(
  count: number,
  options: SupervisorOptions = {},
  prepare?: Prepare,
  signal?: AbortSignal,
): Promise<SupervisedCoppeliaSim[]> {
  const starts = Array.from({ length: count }, (_, index) =>
    superviseCoppeliaSim(
      options.log === undefined || count === 1 ? options : { ...options, log: numbered(options.log, index) },
      prepare,
      signal,
    ),
  );
  const outcomes = await Promise.allSettled(starts);
  const instances = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failure = outcomes.find(outcome => outcome.status === 'rejected');
  if (failure === undefined) return instances;
  return closeAndThrow(failure.reason, () => closeTogether(instances));
}

function numbered(path: string, index: number): string {
  return /\.\w+$/.test(path) ? path.replace(/(\.\w+)$/, `-${index + 1}$1`) : `${path}-${index + 1}`;
}
