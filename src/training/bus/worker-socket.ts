import { Dealer } from 'zeromq';
import { SendQueue } from '../../common/send-queue.ts';
import { parseAddress } from './address.ts';
import { decodeDown, encodeEnvelope, type Received } from './codec.ts';
import { MessageRefused } from './errors.ts';
import type { BusKeys } from './keys.ts';
import { type DownMessage, LIMITS, type UpMessage } from './messages.ts';
import type { Refusals } from './refusals.ts';

export interface WorkerSocketOptions {
  readonly address: string;
  readonly keys?: BusKeys;
  readonly refusals: Refusals;
  readonly onMessage: (received: Received<DownMessage>) => void;
}

/** A worker's end of the bus. It connects by itself, again and again, for as long as it is open. */
export class WorkerSocket {
  private readonly socket: Dealer;
  private readonly queue: SendQueue;
  private readonly options: WorkerSocketOptions;
  private readonly serving: Promise<void>;

  /** Throws BusAddressError where the address may not be connected to. */
  constructor(options: WorkerSocketOptions) {
    const { address, keys } = options;
    const { endpoint, ipv6 } = parseAddress(address, 'connecting', keys !== undefined);
    this.options = options;
    this.socket = new Dealer({
      ipv6,
      linger: 500,
      // Nothing is queued for a learner that is not there: it would arrive out of date.
      immediate: true,
      sendTimeout: 0,
      maxMessageSize: LIMITS.frame,
      reconnectInterval: 100,
      reconnectMaxInterval: 1_000,
      connectTimeout: 3_000,
      handshakeInterval: 5_000,
      heartbeatInterval: 2_000,
      heartbeatTimeout: 6_000,
      receiveHighWaterMark: 256,
      sendHighWaterMark: 256,
      ...(keys === undefined
        ? {}
        : { curveServerKey: keys.peerPublicKey, curveSecretKey: keys.secretKey, curvePublicKey: keys.publicKey }),
    });
    this.queue = new SendQueue(this.socket, LIMITS.waiting);
    this.socket.connect(endpoint);
    this.serving = this.serve();
  }

  /** Sends if there is a connection; what was not sent is the caller's to send again. */
  async send(message: UpMessage, payload: readonly Uint8Array[] = []): Promise<boolean> {
    return this.queue.send([encodeEnvelope(message), ...payload]).then(
      () => true,
      () => false,
    );
  }

  /** Sends what waits, and closes. */
  async close(): Promise<void> {
    await this.queue.close();
    await this.serving;
  }

  private async serve(): Promise<void> {
    const { refusals, onMessage } = this.options;
    for await (const frames of this.socket) {
      try {
        onMessage(decodeDown(frames));
      } catch (error) {
        if (!(error instanceof MessageRefused)) throw error;
        refusals.count(error.reason, error.message);
      }
    }
  }
}
