import { setTimeout as pause } from 'node:timers/promises';
import { closeAll, closeAndThrow } from '../../common/close-all.ts';
import {
  ProtocolVersionError,
  SceneError,
  SimulatorLostError,
  SimulatorStartError,
  SimulatorTimeoutError,
} from '../errors.ts';
import type { TargetOptions } from '../mujoco/scene-file.ts';
import { LaneClient, type LaneGreeting } from './fast-lane/index.ts';
import { type FoundScene, findScene } from './find-objects.ts';
import { findLane, freePort, installLane, laneConfig, laneStatus, removeLane } from './install-lane.ts';
import { prepareScene } from './prepare-scene.ts';
import { connectRemoteApi, type RemoteApiClient } from './remote-api/index.ts';
import { constants, readVersion, stopSimulation } from './remote-calls.ts';
import { hostOf } from './source.ts';

/** What a connection is made with; times in s. */
export interface ConnectionSettings {
  /** A scene (.ttt) to load first. */
  readonly scene?: string | undefined;
  /** Which object is which. */
  readonly sceneFile?: string | undefined;
  readonly target: TargetOptions;
  /** Of the lane; a free one by default. */
  readonly lanePort?: number | undefined;
  readonly maximumVelocities: ArrayLike<number>;
  readonly connectTimeout: number;
  /** How long loading the scene may take. */
  readonly loadTimeout: number;
  /** How long starting the simulation may take, until the lane answers. */
  readonly startTimeout: number;
  readonly idleSeconds: number;
}

/** Another program may take a port between its choice and its use. */
const PORT_ATTEMPTS = 3;
/** How long the lane may keep silent before its script is asked what is the matter, s. */
const FIRST_PATIENCE = 2;
/** How long each farewell may take, s: the simulator may be gone. */
const FAREWELL = 2;

/** The level that the status bar shows by default, without the time and the sender that are put before a line else. */
const STATUS_BAR = constants.verbosityScriptInfos + constants.verbosityUndecorated;

/** The lane's port cannot be had. */
class LanePortError extends SimulatorStartError {}

/** A simulation that runs with our script in it, and both ways to it. */
export interface Connection {
  readonly lane: LaneClient;
  /** The lane's. */
  readonly port: number;
  readonly greeting: LaneGreeting;
  /** The simulator's own version. */
  readonly version: string;
  readonly scene: FoundScene;
  /** Writes a line into the status bar; waits for the simulation to move on, or to be let go, where the lane holds it. */
  announce(text: string, timeout: number): Promise<void>;
  /** Lets the simulation go, stops it and takes the script out; what fails is passed over. */
  close(): Promise<void>;
  /** Closes without a word to the simulator, which is lost. */
  discard(): Promise<void>;
}

/**
 * Sets a CoppeliaSim up and starts it: loads the scene, finds its objects, sets the block, installs the lane, greets it.
 *
 * A simulation that runs is stopped first, unless another program drives it.
 *
 * @param givenUp the port of an earlier lane of ours, which is no reason to leave the simulator alone.
 * @throws SimulatorLostError and its kinds, SceneError and its kinds, ProtocolVersionError, SimulatorStartError where
 * the lane does not come up, RemoteApiError for a call that the simulator refuses.
 */
export async function openConnection(
  address: string,
  settings: ConnectionSettings,
  givenUp?: number,
): Promise<Connection> {
  const { connectTimeout, loadTimeout } = settings;
  // Short: should we vanish, the simulator forgets us, and what we held, after so long.
  const clientTimeout = 30;
  const client = await connectRemoteApi({ address, connectTimeout, timeout: connectTimeout, clientTimeout });
  let stopped = false;
  try {
    const version = await readVersion(client);
    await waitUntilFree(client, settings.idleSeconds + 1, givenUp);
    // Somebody else's scene is found out before their simulation is stopped.
    const running = settings.scene === undefined ? await findScene(client, settings.sceneFile) : null;
    await stopSimulation(client, connectTimeout);
    if (settings.scene !== undefined) await loadScene(client, settings.scene, loadTimeout);
    const scene = running ?? (await findScene(client, settings.sceneFile));
    stopped = true;
    await prepareScene(client, scene, settings.target);
    const { lane, port, greeting } = await startLane(client, scene, settings);
    return {
      lane,
      port,
      greeting,
      version,
      scene,
      async announce(text, timeout) {
        await client.call('sim.addLog', [STATUS_BAR, text], { timeout });
      },
      async close() {
        await lane.ask({ kind: 'release' }, FAREWELL).catch(() => {});
        await closeAll(lane, () => leave(client), client);
      },
      async discard() {
        await closeAll(lane, client);
      },
    };
  } catch (error) {
    // A simulation that was started for nothing is not left running.
    const started = stopped && !(error instanceof SimulatorLostError);
    return closeAndThrow(error, started ? () => leave(client) : null, client);
  }
}

/**
 * Waits until no other program drives the simulator over a lane: one that has ended does so no more after its script's
 * idle time. Throws SimulatorStartError where one goes on for longer than `timeout`, s.
 *
 * @param ours the port of a lane of our own that was given up.
 */
async function waitUntilFree(client: RemoteApiClient, timeout: number, ours: number | undefined): Promise<void> {
  const script = await findLane(client);
  if (script === null) return;
  const deadline = performance.now() + timeout * 1000;
  for (;;) {
    const [held, port] = (await laneStatus(client, script))?.split(' ') ?? [];
    if (held !== 'held' || Number(port) === ours) return;
    if (performance.now() > deadline)
      throw new SimulatorStartError(
        `Another program is driving the simulator at ${client.address}. One at a time can: end it, or start another simulator on another port.`,
      );
    await pause(50);
  }
}

async function leave(client: RemoteApiClient): Promise<void> {
  const calls = { call: (name: string, args?: readonly unknown[]) => client.call(name, args, { timeout: FAREWELL }) };
  try {
    await stopSimulation(calls, FAREWELL);
    await removeLane(calls);
  } catch {
    // It is being left: whatever is the matter with it is nobody's concern any more.
  }
}

async function loadScene(client: RemoteApiClient, scene: string, timeout: number): Promise<void> {
  const failed = (reason: unknown, options: ErrorOptions) =>
    new SceneError(
      `Loading the scene ${scene} failed: ${reason instanceof Error ? reason.message : reason}. The simulator must be able to read that file.`,
      options,
    );
  let result: unknown;
  try {
    [result] = await client.call('sim.loadScene', [scene], { timeout });
  } catch (cause) {
    throw cause instanceof SimulatorLostError ? cause : failed(cause, { cause });
  }
  // How it says that it cannot, in some versions.
  if (result === -1) throw failed('it cannot be read', {});
}

async function startLane(client: RemoteApiClient, scene: FoundScene, settings: ConnectionSettings) {
  for (let attempt = 1; ; attempt++) {
    const port = settings.lanePort ?? (await freePort());
    const script = await installLane(client, laneConfig(scene, { ...settings, port }));
    await client.call('sim.startSimulation');
    const lane = new LaneClient(`tcp://${hostOf(client.address)}:${port}`);
    try {
      const greeting = await greet(client, lane, script, settings.startTimeout);
      checkGreeting(greeting, scene);
      return { lane, port, greeting };
    } catch (error) {
      lane.close();
      // Another program took the port between its choice and its use.
      const again = error instanceof LanePortError && settings.lanePort === undefined && attempt < PORT_ATTEMPTS;
      if (!again) throw error;
      await stopSimulation(client, settings.connectTimeout);
      await removeLane(client);
    }
  }
}

/** Greets the lane. Where it keeps silent, its script is asked whether waiting any longer makes sense. */
async function greet(client: RemoteApiClient, lane: LaneClient, script: number, timeout: number) {
  const first = Math.min(FIRST_PATIENCE, timeout);
  try {
    return await lane.hello(first);
  } catch (error) {
    if (!(error instanceof SimulatorLostError)) throw error;
  }
  const status = await laneStatus(client, script);
  if (status !== null && status !== 'listening' && !status.startsWith('held')) {
    const message = `The fast lane did not come up at ${lane.address}: ${status}.`;
    if (!/bind|listen/.test(status))
      throw new SimulatorStartError(
        `${message} The simulator’s log may tell more; the script needs its simZMQ plugin.`,
      );
    throw new LanePortError(`${message} Choose another port, or end the program that has it.`);
  }
  try {
    return await lane.hello(Math.max(timeout - first, first));
  } catch (error) {
    if (!(error instanceof SimulatorTimeoutError)) throw error;
    throw new SimulatorTimeoutError(
      `The simulation was started, but the fast lane does not answer: ${error.message} ` +
        'Another client may hold the simulation in stepping mode, or the simulator’s log tells why its script failed (it needs the simZMQ plugin).',
      { cause: error },
    );
  }
}

function checkGreeting(greeting: LaneGreeting, { file, handles }: FoundScene): void {
  if (greeting.missing.length > 0)
    throw new SceneError(
      `The fast lane's script does not find ${greeting.missing.join(', ')}, which were in the scene a moment ago. Somebody else is changing it.`,
    );
  if (Math.abs(greeting.period - file.timeStep) > 1e-6)
    throw new ProtocolVersionError(
      `The fast lane advances ${greeting.period} s a step, but ${file.timeStep} s was set. Another script may answer on its port.`,
    );
  for (const [name, handle] of handles) {
    const found = greeting.objects.get(name)?.handle;
    if (found !== handle)
      throw new ProtocolVersionError(
        `The fast lane takes object ${found ?? 'nothing'} for ${name}, but it is object ${handle}. Another script may answer on its port.`,
      );
  }
}
