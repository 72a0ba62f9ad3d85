import { createServer } from 'node:net';
import { SimulatorStartError } from '../errors.ts';
import { type LaneConfig, laneScript } from './fast-lane/index.ts';
import type { FoundScene } from './find-objects.ts';
import { RemoteApiError } from './remote-api/index.ts';
import { callNumber, constants, type RemoteCalls } from './remote-calls.ts';

/** The script's name in the scene. */
const ALIAS = 'graspbridgeFastLane';
/** A scene has one of them at most, unless it was saved with some; more than this many is something else. */
const MAXIMUM_OLD = 20;

/** What the lane's script needs to know. */
export function laneConfig(
  { file }: FoundScene,
  settings: { readonly port: number; readonly idleSeconds: number; readonly maximumVelocities: ArrayLike<number> },
): LaneConfig {
  return {
    port: settings.port,
    idleSeconds: settings.idleSeconds,
    objects: file.objects,
    maximumForces: file.maximumForces,
    maximumVelocities: Array.from(settings.maximumVelocities),
    gripper: file.gripper,
    contactForce: file.contactForce,
  };
}

/**
 * Puts the lane's script into a stopped scene, in the place of any that was there. It begins with the simulation.
 *
 * @returns the script's handle.
 */
export async function installLane(calls: RemoteCalls, config: LaneConfig): Promise<number> {
  await removeLane(calls);
  const script = await createScript(calls, laneScript(config));
  // A scene without names for scripts works as well, but for finding it again.
  await calls.call('sim.setObjectAlias', [script, ALIAS]).catch((error: unknown) => {
    if (!(error instanceof RemoteApiError)) throw error;
  });
  return script;
}

/** The handle of a script of ours that is in the scene already; null where there is none. */
export async function findLane(calls: RemoteCalls): Promise<number | null> {
  const handle = await callNumber(calls, 'sim.getObject', [`/${ALIAS}`, { noError: true }]);
  return handle < 0 ? null : handle;
}

/** What a lane's script says of itself: `listening`, `held PORT` while it is driven, or what is the matter; null where it cannot be asked. */
export async function laneStatus(calls: RemoteCalls, script: number): Promise<string | null> {
  try {
    const [status] = await calls.call('sim.callScriptFunction', ['laneStatus', script]);
    return typeof status === 'string' ? status.slice(0, 300) : null;
  } catch (error) {
    if (!(error instanceof RemoteApiError)) throw error;
    return null;
  }
}

/** Takes the lane's script, and those that earlier clients left behind, out of a stopped scene. */
export async function removeLane(calls: RemoteCalls): Promise<void> {
  for (let i = 0; i < MAXIMUM_OLD; i++) {
    const old = await findLane(calls);
    if (old === null) return;
    await calls.call('sim.removeObjects', [[old]]);
  }
}

async function createScript(calls: RemoteCalls, text: string): Promise<number> {
  try {
    return await callNumber(calls, 'sim.createScript', [constants.scriptTypeSimulation, text, 0, 'lua']);
  } catch (cause) {
    if (!(cause instanceof RemoteApiError) || !cause.reason.includes('No such function')) throw cause;
  }
  // Until 4.6 a script belongs to an object; a dummy that has no other purpose is removed with it.
  const script = await callNumber(calls, 'sim.addScript', [constants.scriptTypeSimulation]);
  await calls.call('sim.setScriptText', [script, text]);
  const dummy = await callNumber(calls, 'sim.createDummy', [0.01]);
  await calls.call('sim.associateScriptWithObject', [script, dummy]);
  return dummy;
}

/** A port that nothing listens on just now. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', cause =>
      reject(new SimulatorStartError(`Looking for a free port failed: ${cause.message}`, { cause })),
    );
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new SimulatorStartError('Looking for a free port failed: the system gave none.'));
      });
    });
  });
}
