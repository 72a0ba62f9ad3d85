import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { closeAfter } from '../../../common/close-all.ts';
import { SceneError, SimulatorStartError } from '../../errors.ts';
import { connectRemoteApi, RemoteApiClient } from '../remote-api/index.ts';
import { remoteApiOptions } from '../remote-api/options.ts';

/** The longest wait for one answer while there is time for another try, s: an add-on that restarts forgets requests. */
const TRY_TIMEOUT = 3;

/**
 * Whether the remote API at an address answers a real call within so many seconds.
 *
 * Tries again until time is up; false at once when aborted.
 */
export async function answers(address: string, timeout: number, signal: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + timeout * 1000;
  for (let left = timeout; left > 0; left = (deadline - Date.now()) / 1000) {
    if (signal.aborted) return false;
    const time = Math.max(0.05, Math.min(left, TRY_TIMEOUT));
    const began = Date.now();
    try {
      // Not connectRemoteApi: its first contact could not be aborted.
      const client = new RemoteApiClient(remoteApiOptions.parse({ address, timeout: time, clientTimeout: 5 }));
      return await closeAfter(async () => {
        await client.call('sim.getSimulationState', [], { timeout: time, signal });
        return true;
      }, client);
    } catch {
      // Nothing listens yet, or what listens is not ready: that is what this function tells.
      if (Date.now() - began < 100 && !signal.aborted) await new Promise(done => setTimeout(done, 100));
    }
  }
  return false;
}

/**
 * Loads a scene file into a stopped simulator.
 *
 * @throws SceneError where there is no such file; what the remote API throws.
 */
export async function loadScene(address: string, scene: string, timeout: number, signal: AbortSignal): Promise<void> {
  const path = resolve(scene);
  if (!existsSync(path))
    throw new SceneError(
      `Loading the scene ${path} failed: there is no such file. "graspbridge simulator build-scene --out ${scene}" makes one.`,
    );
  const client = await connectRemoteApi({ address, timeout });
  return closeAfter(async () => {
    const [result] = await client.call('sim.loadScene', [path], { timeout, signal });
    if (result === -1)
      throw new SimulatorStartError(`Loading the scene ${path} failed: CoppeliaSim says that it cannot read it.`);
  }, client);
}
