import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { closeAfter } from '../../common/close-all.ts';
import { UsageError } from '../../common/errors.ts';
import { parseOptions } from '../../common/options.ts';
import { createKinematics } from '../mujoco/kinematics.ts';
import { type CoppeliaSimOptions, coppeliaSimOptions } from './options.ts';
import { connectRemoteApi } from './remote-api/index.ts';
import { buildScene } from './scene-builder/index.ts';
import { CoppeliaSimSimulator } from './simulator.ts';
import { completeAddress, runningSource, type SimulatorSource, supervisedSource } from './source.ts';
import { superviseCoppeliaSim } from './supervisor/index.ts';

/**
 * Opens a CoppeliaSim: connects to a running one, or starts one of its own, which ends with `close()`.
 *
 * @throws UsageError for wrong options, SimulatorStartError where it cannot be found or started, SimulatorTimeoutError
 * where nothing answers, SceneError and SceneObjectNotFoundError for a scene that cannot be used, ProtocolVersionError.
 */
export async function createCoppeliaSimSimulator(options: CoppeliaSimOptions = {}): Promise<CoppeliaSimSimulator> {
  const { address, coppeliasim, scene, gui, log, ...settings } = parseOptions(
    coppeliaSimOptions,
    options,
    'the coppeliasim simulator',
  );
  if (address !== undefined && (coppeliasim !== undefined || gui))
    throw new UsageError(
      'A running simulator was named (address), and one to be started too (coppeliasim, gui). Name one or the other.',
    );
  const scenePath = scene === undefined ? undefined : resolve(scene);
  const kinematics = await createKinematics();
  let source: SimulatorSource;
  if (address !== undefined) source = runningSource(completeAddress(address));
  else
    source = supervisedSource(
      await superviseCoppeliaSim(
        {
          gui,
          ...(coppeliasim === undefined ? {} : { coppeliaSim: coppeliasim }),
          ...(scenePath === undefined ? {} : { scene: scenePath }),
          ...(log === undefined ? {} : { log }),
        },
        scenePath === undefined ? buildOwnScene : undefined,
      ),
    );
  return CoppeliaSimSimulator.open(
    source,
    {
      ...settings,
      // One of our own has it loaded with each start.
      scene: address === undefined ? undefined : scenePath,
      maximumVelocities: kinematics.limits.velocity,
    },
    kinematics,
  );
}

/** Builds the package's scene in a simulator that was started without one, and leaves it open there. */
async function buildOwnScene(address: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'graspbridge-scene-'));
  await closeAfter(
    async () => {
      const client = await connectRemoteApi({ address, connectTimeout: 10 });
      await closeAfter(() => buildScene(client, { out: join(folder, 'sawyer-grasp.ttt') }), client);
    },
    () => rm(folder, { recursive: true, force: true }),
  );
}
