import { Context, Router } from 'zeromq';
import { LOCAL_ADDRESS, parseAddress } from './address.ts';
import { decodeUp, encodeEnvelope, type Received } from './codec.ts';
import { BusAddressError, MessageRefused } from './errors.ts';
import type { BusKeys } from './keys.ts';
import { type DownMessage, LIMITS, type UpMessage } from './messages.ts';
import type { Refusals } from './refusals.ts';
import { authenticate } from './zap.ts';

export interface LearnerSocketOptions {
  /** Loopback, a free port, by default. */
  readonly address?: string;
  readonly keys?: BusKeys;
  readonly refusals: Refusals;
  /** @param route names the connection; a worker that connects anew has a new one. */
  readonly onMessage: (route: string, received: Received<UpMessage>) => void;
}

/** The learner's end of the bus: one socket that all workers connect to. Only decoded messages pass it. */
export class LearnerSocket {
  /** Where workers of other machines connect to, its port included; with keys only. */
  readonly address: string;
  /** Where workers of this machine connect to, without keys; the same where there are none. */
  readonly localAddress: string;
  private readonly socket: Router;
  private readonly options: LearnerSocketOptions;
  private readonly gate: { close(): void } | null;
  private readonly serving: Promise<void>;

  private constructor(
    socket: Router,
    gate: { close(): void } | null,
    options: LearnerSocketOptions,
    addresses: { readonly address: string; readonly localAddress: string },
  ) {
    this.socket = socket;
    this.gate = gate;
    this.options = options;
    this.address = addresses.address;
    this.localAddress = addresses.localAddress;
    this.serving = this.serve();
  }

  /** Throws BusAddressError where the address cannot be had, or may not be without keys. */
  static async bind(options: LearnerSocketOptions): Promise<LearnerSocket> {
    const { address = LOCAL_ADDRESS, keys, refusals } = options;
    const { endpoint, ipv6 } = parseAddress(address, 'listening', keys !== undefined);
    // A context of its own: the gate of one bus must not answer for another's.
    const context = new Context({ blocky: false });
    const gate =
      keys === undefined
        ? null
        : await authenticate(context, keys.peerPublicKey, from =>
            refusals.count('unauthorized', `its sender at ${from} has no key of this training.`),
          );
    const socket = new Router({
      context,
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
    let at = endpoint;
    try {
      // ZeroMQ's security is that of the moment a socket is bound: first this machine's own door, then the other.
      let localAddress: string | null = null;
      if (keys !== undefined) {
        at = LOCAL_ADDRESS;
        await socket.bind(at);
        localAddress = socket.lastEndpoint;
        socket.curveServer = true;
        socket.curveSecretKey = keys.secretKey;
        at = endpoint;
      }
      await socket.bind(at);
      const bound = socket.lastEndpoint ?? endpoint;
      return new LearnerSocket(socket, gate, options, { address: bound, localAddress: localAddress ?? bound });
    } catch (error) {
      socket.close();
      gate?.close();
      throw new BusAddressError(
        `Listening for workers on ${at} failed: ${error instanceof Error ? error.message : error}. Choose another address or port with --listen.`,
        { cause: error },
      );
    }
  }

  /** Sends to one connection; to one that is gone, nothing. */
  send(route: string, message: DownMessage, payload: readonly Uint8Array[] = []): void {
    this.sendEncoded(route, encodeEnvelope(message), payload);
  }

  /** As `send`, for payloads that go to many. */
  sendEncoded(route: string, envelope: Uint8Array, payload: readonly Uint8Array[] = []): void {
    if (this.socket.closed) return;
    // A router never waits: what has no way to go is dropped, and the protocol sends again what must arrive.
    this.socket.send([Buffer.from(route, 'latin1'), envelope, ...payload]).catch(() => {});
  }

  async close(): Promise<void> {
    this.socket.close();
    this.gate?.close();
    await this.serving;
  }

  private async serve(): Promise<void> {
    const { refusals, onMessage } = this.options;
    for await (const [route, ...frames] of this.socket) {
      if (route === undefined) continue;
      try {
        onMessage(route.toString('latin1'), decodeUp(frames));
      } catch (error) {
        if (!(error instanceof MessageRefused)) throw error;
        refusals.count(error.reason, error.message);
      }
    }
  }
}
