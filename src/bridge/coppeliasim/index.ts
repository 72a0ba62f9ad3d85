import type { CoppeliaSimOptions } from './options.ts';
import type { CoppeliaSimSimulator } from './simulator.ts';

export type { CoppeliaSimOptions } from './options.ts';
export type { CoppeliaSimSimulator } from './simulator.ts';

/**
 * Opens a CoppeliaSim: connects to a running one, or starts one of its own, which ends with `close()`.
 *
 * ```ts
 * const simulator = await createCoppeliaSimSimulator({ address: 'tcp://127.0.0.1:23000' });
 * ```
 *
 * @throws UsageError for wrong options, SimulatorStartError where it cannot be found or started, SimulatorTimeoutError
 * where nothing answers, SceneError and SceneObjectNotFoundError for a scene that cannot be used, ProtocolVersionError.
 */
export async function createCoppeliaSimSimulator(options: CoppeliaSimOptions = {}): Promise<CoppeliaSimSimulator> {
  return (await import('./create-simulator.ts')).createCoppeliaSimSimulator(options);
}
