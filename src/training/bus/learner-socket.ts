import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { Context, Router, type SocketOptions } from 'zeromq';
import { SendQueue } from '../../common/send-queue.ts';
import { LOCAL_ADDRESS, parseAddress } from './address.ts';
import { decodeUp, encodeEnvelope, type Received } from './codec.ts';
import { BusAddressError, MessageRefused } from './errors.ts';
import type { BusKeys } from './keys.ts';
import { type DownMessage, LIMITS, type UpMessage } from './messages.ts';
import type { Refusals } from './refusals.ts';
import { authenticate, type Gate } from './zap.ts';

export interface LearnerSocketOptions {
  /** Loopback, a free port, by default. */
  readonly address?: string;
  readonly keys?: BusKeys;
  readonly refusals: Refusals;
  /** @param route names the connection; a worker that connects anew has a new one. */
  readonly onMessage: (route: string, received: Received<UpMessage>) => void;
  /** Called after a message that could not be decoded was counted. */
  readonly onRefused?: (route: string, error: MessageRefused) => void;
}

/** A socket that workers connect to, and the messages that wait for it. */
interface Door {
  readonly socket: Router;
  readonly queue: SendQueue;
}

/**
 * The learner's end of the bus: a door that all workers connect to; with keys one more, for those of this machine.
 * Only decoded messages pass.
 */
export class LearnerSocket {
  /** Where workers of other machines connect to, its port included; with keys only. */
  readonly address: string;
  /** Where workers of this machine connect to, without keys; the same where there are none. */
  readonly localAddress: string;
  private readonly doors: readonly Door[];
  private readonly options: LearnerSocketOptions;
  private readonly gate: Gate | null;
  private readonly serving: Promise<unknown>;

  private constructor(sockets: readonly Router[], gate: Gate | null, options: LearnerSocketOptions) {
    this.doors = sockets.map(socket => ({ socket, queue: new SendQueue(socket) }));
    this.gate = gate;
    this.options = options;
    this.address = sockets[0]?.lastEndpoint ?? '';
    this.localAddress = sockets.at(-1)?.lastEndpoint ?? '';
    this.serving = Promise.all(sockets.map((socket, i) => this.serve(socket, i)));
  }

  /** Throws BusAddressError where the address cannot be had, or may not be without keys. */
  static async bind(options: LearnerSocketOptions): Promise<LearnerSocket> {
    const { address = LOCAL_ADDRESS, keys, refusals } = options;
    parseAddress(address, 'listening', keys !== undefined);
    if (keys === undefined) return new LearnerSocket([await openDoor(address, {})], null, options);
    // A context of its own: the gate of one bus must not answer for another's.
    const context = new Context({ blocky: false });
    const gate = await authenticate(context, keys.peerPublicKey, from =>
      refusals.count('unauthorized', `its sender at ${from} has no key of this training.`),
    );
    const doors: Router[] = [];
    try {
      const door = await openDoor(address, { context, curveServer: true, curveSecretKey: keys.secretKey });
      doors.push(door);
      // Whoever has no keys, or those of another learner, gets no further than the handshake.
      for (const event of ['handshake:error:protocol', 'handshake:error:other'] as const)
        door.events.on(event, () =>
          refusals.count('unauthorized', 'who sent it has no keys of this training, or went away before showing them.'),
        );
      doors.push(await openDoor(LOCAL_ADDRESS, {}));
      return new LearnerSocket(doors, gate, options);
    } catch (error) {
      for (const door of doors) door.close();
      gate.close();
      throw error;
    }
  }

  /**
   * Sends to one connection; to one that is gone, nothing. Resolves to whether the socket took the message.
   *
   * A router never waits for a peer: it drops what has no way to go, and the protocol sends again what must arrive.
   */
  async send(route: string, message: DownMessage, payload: readonly Uint8Array[] = []): Promise<boolean> {
    const door = this.doors[Number(route[0])];
    if (door === undefined) return false;
    return door.queue.send([Buffer.from(route.slice(1), 'latin1'), encodeEnvelope(message), ...payload]).then(
      () => true,
      () => false,
    );
  }

  /** Sends what waits, and closes. */
  async close(): Promise<void> {
    await Promise.all(this.doors.map(({ queue }) => queue.close()));
    this.gate?.close();
    await this.serving;
    const path = socketFile(this.address);
    if (path !== null) rmSync(path, { force: true });
  }

  private async serve(socket: Router, index: number): Promise<void> {
    const { refusals, onMessage, onRefused } = this.options;
    for await (const [route, ...frames] of socket) {
      if (route === undefined) continue;
      const name = `${index}${route.toString('latin1')}`;
      try {
        onMessage(name, decodeUp(frames));
      } catch (error) {
        if (!(error instanceof MessageRefused)) throw error;
        refusals.count(error.reason, error.message);
        onRefused?.(name, error);
      }
    }
  }
}

/** The file of an `ipc://` address; null for any other, and for a name that is no file. */
function socketFile(endpoint: string): string | null {
  return endpoint.startsWith('ipc://') && !endpoint.startsWith('ipc://@') ? endpoint.slice('ipc://'.length) : null;
}

/** Whether somebody listens on an `ipc://` address: ZeroMQ would take it away from them without a word. */
async function isAnswered(endpoint: string): Promise<boolean> {
  const path = socketFile(endpoint);
  if (path === null) return false;
  const socket = connect(path);
  const answered = await new Promise<boolean>(done => {
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
  socket.destroy();
  return answered;
}

async function openDoor(address: string, security: SocketOptions<Router>): Promise<Router> {
  const { endpoint, ipv6 } = parseAddress(address, 'listening', security.curveServer === true);
  const door = new Router({
    ...security,
    ipv6,
    linger: 500,
    maxMessageSize: LIMITS.frame,
    handshakeInterval: 5_000,
    heartbeatInterval: 2_000,
    heartbeatTimeout: 6_000,
    // Flow is controlled by windows, far below these; they bound what a stranger may queue.
    receiveHighWaterMark: 256,
    sendHighWaterMark: 256,
  });
  try {
    if (await isAnswered(endpoint)) throw new Error('somebody else listens there');
    await door.bind(endpoint);
    return door;
  } catch (error) {
    door.close();
    throw new BusAddressError(
      `Listening for workers on ${address} failed: ${error instanceof Error ? error.message : error}. Choose another address or port with --listen.`,
      { cause: error },
    );
  }
}
