import { isIPv4, isIPv6 } from 'node:net';
import { Router } from 'zeromq';
import * as z from 'zod';
import { closeAll } from '../../common/close-all.ts';
import { GraspbridgeError } from '../../common/errors.ts';
import { parseOptions } from '../../common/options.ts';
import { SendQueue } from '../../common/send-queue.ts';
import { encodeMessage } from '../coppeliasim/remote-api/codec.ts';
import type { TargetOptions } from '../mujoco/scene-file.ts';
import { Dispatcher, type Reply, versionMismatch } from './dispatcher.ts';
import { ServerAddressError, ServerPortError } from './errors.ts';
import { Lanes } from './lanes.ts';
import { readRequest } from './requests.ts';
import { Simulation } from './simulation.ts';
import { World } from './world.ts';

export interface RemoteApiServerOptions {
  /** 23000 by default, where clients look for CoppeliaSim; 0 takes a free one. */
  readonly port?: number;
  /** A loopback address, 127.0.0.1 by default. */
  readonly host?: string;
  /** A MuJoCo XML file with the names of `scenes/sawyer-grasp.xml`, which is the default; its files are in its folder. */
  readonly scene?: string;
  /** Size and mass of the block; the scene's own by default. */
  readonly target?: TargetOptions;
  /** Told what clients log (`sim.addLog`): one line, 500 characters at most, and its level (`sim.verbosity_…`). */
  readonly onLog?: (line: string, verbosity: number) => void;
  /** Runs no faster than a clock; as fast as it can by default. Clients can change it. */
  readonly realTime?: boolean;
}

export interface RemoteApiServer {
  /** Where it listens: `tcp://127.0.0.1:23000`. */
  readonly address: string;
  close(): Promise<void>;
}

const schema = z.strictObject({
  port: z.int().min(0).max(65_535).default(23_000),
  host: z.string().default('127.0.0.1'),
  scene: z.string().optional(),
  target: z.custom<TargetOptions>().optional(),
  realTime: z.boolean().default(false),
  onLog: z.custom<NonNullable<RemoteApiServerOptions['onLog']>>().optional(),
});

/** Longer messages end the connection that they come over, bytes. */
const messageLimit = 16 << 20;
/** How often clients that have vanished are looked for, ms. */
const expiryInterval = 250;

/**
 * Serves the embedded simulator over CoppeliaSim's ZeroMQ remote API, protocol version 2.
 *
 * Programs written for the original scene find its objects by their names, and move arm and gripper by their joints.
 * The fast lane's and the batch script are answered natively; no other script runs, for there is no Lua here. Shapes that
 * clients make are there to be looked at, and touch nothing.
 *
 * The remote API asks nobody who they are, so the server listens on this machine alone.
 *
 * @throws ServerAddressError for an address beyond loopback; ServerPortError where the port is taken; UsageError for
 * other wrong options; SceneError for a scene that cannot be used.
 */
export async function serveRemoteApi(options: RemoteApiServerOptions = {}): Promise<RemoteApiServer> {
  const { port, host, scene, target, realTime, onLog } = parseOptions(schema, options, 'the remote API server');
  assertLoopback(host);
  // With REP a client that waits would keep all others waiting; ROUTER speaks the same and answers whom it likes.
  const socket = new Router({ linger: 0, maxMessageSize: messageLimit, ipv6: isIPv6(host) });
  try {
    await socket.bind(`tcp://${bracketed(host)}:${port === 0 ? '*' : port}`);
  } catch (cause) {
    socket.close();
    throw new ServerPortError(
      `Listening on ${host}:${port} failed: the port is taken, or may not be used. Another server or a CoppeliaSim may run there; choose another port, or 0 for a free one.`,
      { cause },
    );
  }
  let world: World;
  try {
    world = await World.open(scene, target);
  } catch (error) {
    socket.close();
    throw error;
  }
  return new RunningServer(socket, world, realTime, onLog);
}

class RunningServer implements RemoteApiServer {
  readonly address: string;
  private readonly socket: Router;
  private readonly queue: SendQueue;
  private readonly world: World;
  private readonly simulation: Simulation;
  private readonly lanes: Lanes;
  private readonly dispatcher: Dispatcher;
  private readonly expiry: NodeJS.Timeout;
  private readonly serving: Promise<void>;
  private closing: Promise<void> | undefined;

  constructor(socket: Router, world: World, realTime: boolean, onLog: RemoteApiServerOptions['onLog'] = () => {}) {
    this.socket = socket;
    this.queue = new SendQueue(socket);
    this.world = world;
    this.simulation = new Simulation(world, realTime);
    this.lanes = new Lanes(world, this.simulation);
    this.dispatcher = new Dispatcher(world, this.simulation, this.lanes, onLog);
    this.address = socket.lastEndpoint as string; // It is bound.
    this.expiry = setInterval(() => this.dispatcher.expire(), expiryInterval);
    this.serving = this.serve();
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    clearInterval(this.expiry);
    await closeAll(
      this.lanes,
      this.queue,
      () => this.serving,
      this.simulation,
      () => this.world.exclusively(() => this.world.close()),
    );
  }

  private async serve(): Promise<void> {
    for await (const frames of this.socket) {
      const payload = frames.at(-1) as Buffer; // A message has at least one frame.
      const envelope = frames.slice(0, -1);
      // Whoever has gone meanwhile is sent nothing.
      void this.reply(payload).then(reply => this.queue.send([...envelope, reply]).catch(() => {}));
    }
  }

  /** The reply to whatever came, as bytes. */
  private async reply(payload: Uint8Array): Promise<Uint8Array> {
    try {
      const request = readRequest(payload);
      return encode(request === null ? versionMismatch : await this.dispatcher.reply(request));
    } catch (error) {
      // What a client sent cannot be read, or what it asks for, as its own callback's result, cannot be written. No
      // request of a client ends the server, whatever is wrong with it.
      return encode({ err: error instanceof GraspbridgeError ? error.message : `internal error: ${String(error)}` });
    }
  }
}

/** With floats as CoppeliaSim sends them. */
function encode(reply: Reply): Uint8Array {
  return encodeMessage(reply, { floats: 'smallest' });
}

function assertLoopback(host: string): void {
  const loopback = host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
  if (!loopback)
    throw new ServerAddressError(
      `Listening on "${host}" is refused: the remote API asks nobody who they are, so whoever reaches it drives the simulator. ` +
        'It listens on this machine alone, 127.0.0.1. From elsewhere, let ssh carry it: ssh -L 23000:127.0.0.1:23000 THIS-MACHINE.',
    );
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
