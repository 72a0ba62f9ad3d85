import { Request } from 'zeromq';
import { UsageError } from '../../../common/errors.ts';
import { SendQueue } from '../../../common/send-queue.ts';
import { MessageError, SimulatorLostError, SimulatorTimeoutError } from '../../errors.ts';

export interface TransportOptions {
  /** `tcp://HOST:PORT` */
  readonly address: string;
  /** A longer reply breaks the connection off; 64 MiB by default. */
  readonly maxReplyBytes?: number;
}

export interface ExchangeOptions {
  /** How long the reply may take, s. */
  readonly timeout: number;
  /** Aborting it gives the exchange up; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Where the connection stands, for messages that say what is wrong. */
type Connection = 'none' | 'refused' | 'open';

/** A request that waits for its reply, or why it does not any more. */
interface Exchange {
  failure: { readonly error: unknown } | undefined;
}

/** Where sending fails, there is no reply either, and that is noticed. */
const ignore = () => {};

/** How long a message that nobody waits an answer for may linger when the process ends, ms. */
const FAREWELL_LINGER = 200;

/**
 * One REQ socket to one address: a request, then its reply, one pair at a time.
 *
 * A REQ socket whose reply never came can send nothing more. So whatever ends an exchange but a reply (time is up, the
 * peer is gone, an abort) throws the socket away; the next exchange makes a new one. An open transport keeps the process
 * alive, as an open socket does.
 */
export class RequestTransport {
  readonly address: string;
  private readonly maxReplyBytes: number;
  private socket: Request | undefined;
  private queue: SendQueue | undefined;
  private connection: Connection = 'none';
  private lost = 0;
  private underWay: Exchange | undefined;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private timerDue = 0;
  private deadline = 0;
  private timeout = 0;

  /** @throws UsageError where the address is not one. */
  constructor({ address, maxReplyBytes = 64 << 20 }: TransportOptions) {
    this.address = address;
    this.maxReplyBytes = maxReplyBytes;
    // Connecting is not waited for, so an address that cannot be is known here and now.
    this.ready();
  }

  /**
   * Counts the connections that were lost: where it has changed, the peer that answers now may be another one than before.
   */
  get generation(): number {
    return this.lost;
  }

  /** Whether a request is under way. */
  get busy(): boolean {
    return this.underWay !== undefined;
  }

  /**
   * Sends a request and waits for its reply.
   *
   * @throws SimulatorTimeoutError where none comes in time; SimulatorLostError where the peer goes away meanwhile or the
   * transport is closed; MessageError for a reply in several parts; the signal's reason.
   */
  async exchange(request: Uint8Array, { timeout, signal }: ExchangeOptions): Promise<Uint8Array> {
    if (this.closed) throw new SimulatorLostError(`${this.what()} failed: the connection was closed.`);
    if (this.busy) throw new UsageError(`${this.what()} failed: another request is under way.`);
    signal?.throwIfAborted();
    const { socket, queue } = this.ready();
    const exchange: Exchange = { failure: undefined };
    this.underWay = exchange;
    this.watch(timeout);
    const stopListening = signal && this.giveUpOn(signal);
    try {
      // Handed over at once; asking for the reply in the same breath saves a turn of the loop.
      queue.send(request).catch(ignore);
      const parts = await socket.receive();
      const [reply] = parts;
      if (reply === undefined || parts.length > 1)
        throw new MessageError(`${this.what()} failed: the reply has ${parts.length} parts, not one.`);
      // A reply that comes after the exchange was given up belongs to nobody.
      if (exchange.failure !== undefined) throw exchange.failure.error;
      this.underWay = undefined;
      return reply;
    } catch (cause) {
      if (exchange.failure !== undefined) throw exchange.failure.error;
      const error = cause instanceof MessageError ? cause : new SimulatorLostError(`${this.what()} failed.`, { cause });
      this.giveUp(error);
      throw error;
    } finally {
      stopListening?.();
    }
  }

  /** Ends the exchange under way with an error; its socket, thrown away, fails whatever waits on it. */
  private giveUp(error: unknown): void {
    if (this.underWay === undefined) return;
    this.underWay.failure = { error };
    this.underWay = undefined;
    this.discard();
  }

  private giveUpOn(signal: AbortSignal): () => void {
    const onAbort = () => this.giveUp(signal.reason);
    signal.addEventListener('abort', onAbort);
    return () => signal.removeEventListener('abort', onAbort);
  }

  /**
   * Has the exchange under way given up in so many seconds. The timer stays when a reply comes, and looks when it is due
   * what there is to give up: setting and clearing one for each exchange would cost a tenth of the exchange.
   */
  private watch(timeout: number): void {
    this.deadline = performance.now() + timeout * 1000;
    this.timeout = timeout;
    if (this.timer !== undefined) {
      if (this.timerDue <= this.deadline) return;
      clearTimeout(this.timer);
    }
    this.timerDue = this.deadline;
    this.timer = setTimeout(this.onTimer, timeout * 1000);
  }

  private readonly onTimer = (): void => {
    this.timer = undefined;
    if (this.underWay === undefined) return;
    const left = this.deadline - performance.now();
    // Timers count whole milliseconds.
    if (left < 1) this.giveUp(this.tooLate(this.timeout));
    else {
      this.timerDue = this.deadline;
      this.timer = setTimeout(this.onTimer, left);
    }
  };

  /** Throws the socket away, and whatever is under way on it with this error; the next exchange makes a new one. */
  reset(error: Error): void {
    this.giveUp(error);
    this.discard();
  }

  /** Sends a last message without waiting for anything, even while the process ends; closes the transport. */
  sendLast(message: Uint8Array): void {
    if (this.closed) return;
    if (this.busy) this.reset(new SimulatorLostError(`${this.what()} failed: the connection was closed.`));
    const { socket, queue } = this.ready();
    socket.linger = FAREWELL_LINGER;
    // It is handed to zeromq's own thread at once; what becomes of it nobody can wait for any more.
    queue.send(message).catch(ignore);
    this.close();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.timer);
    this.reset(new SimulatorLostError(`${this.what()} failed: the connection was closed.`));
  }

  /** The socket and its queue; new ones if there are none. */
  private ready(): { readonly socket: Request; readonly queue: SendQueue } {
    this.socket ??= this.open();
    this.queue ??= new SendQueue(this.socket);
    return { socket: this.socket, queue: this.queue };
  }

  private open(): Request {
    const socket = new Request({
      linger: 0,
      maxMessageSize: this.maxReplyBytes,
      reconnectInterval: 50,
      reconnectMaxInterval: 1000,
    });
    try {
      const { events } = socket;
      events.on('handshake', () => this.onConnection(socket, 'open'));
      events.on('connect:retry', () => this.onConnection(socket, 'refused'));
      events.on('disconnect', () => this.onConnection(socket, 'none'));
      socket.connect(this.address);
    } catch (cause) {
      socket.close();
      throw new UsageError(
        `"${this.address}" is no address to connect to. Addresses look like tcp://127.0.0.1:23000, with a host that has a name or a number.`,
        { cause },
      );
    }
    this.connection = 'none';
    return socket;
  }

  private onConnection(socket: Request, connection: Connection): void {
    // Events of a socket that was thrown away still arrive.
    if (socket !== this.socket) return;
    const broken = this.connection === 'open' && connection !== 'open';
    this.connection = connection;
    if (!broken) return;
    this.lost++;
    this.giveUp(
      new SimulatorLostError(
        `${this.what()} failed: the connection broke off before the reply. The simulator, or its remote API, has ended or been restarted; or its reply was longer than ${this.maxReplyBytes} bytes.`,
      ),
    );
  }

  private discard(): void {
    if (this.socket === undefined) return;
    this.queue?.abort();
    this.queue = undefined;
    this.socket = undefined;
    this.lost++;
  }

  private what(): string {
    return `Asking the simulator at ${this.address}`;
  }

  private tooLate(timeout: number): SimulatorTimeoutError {
    const found = {
      none: 'no connection came about',
      refused: 'nothing listens there',
      open: 'it is connected and does not answer: it is busy, hangs, or does not speak this protocol',
    }[this.connection];
    return new SimulatorTimeoutError(
      `${this.what()} failed: no reply came within ${Number(timeout.toPrecision(2))} s (${found}). Check that the simulator runs, and its port.`,
    );
  }
}
