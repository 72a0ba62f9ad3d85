import { GraspbridgeError } from './errors.ts';

/** More messages wait for a socket than its queue holds; this one was not sent. */
export class SendQueueFullError extends GraspbridgeError {}

/** The socket was closed before the message was sent. */
export class SendQueueClosedError extends GraspbridgeError {}

type Frames = Uint8Array | string | readonly (Uint8Array | string)[];

/** A ZeroMQ socket: it takes one message at a time, and throws for a second one. */
export interface SendingSocket {
  send(frames: Uint8Array | string | (Uint8Array | string)[]): Promise<void>;
  close(): void;
}

interface Waiting {
  readonly frames: Frames;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Messages that may wait for a socket by default: far more than a healthy peer makes wait. */
const LIMIT = 16_384;

/**
 * Sends messages over a ZeroMQ socket one after the other, in the order of the calls, from any number of callers.
 *
 * A socket completes most sends at once, but refuses a second message while one is under way ("Socket is busy
 * writing"), which happens after a few hundred messages in one turn of the event loop. All sockets of this project
 * send through such a queue, which also closes them.
 */
export class SendQueue {
  private readonly socket: SendingSocket;
  private readonly limit: number;
  private readonly waiting: Waiting[] = [];
  private sending = false;
  private ended = false;
  private drained: () => void = () => {};

  /** @param limit messages that may wait, since a peer can make their number grow */
  constructor(socket: SendingSocket, limit = LIMIT) {
    this.socket = socket;
    this.limit = limit;
  }

  /** Messages that were not sent yet. */
  get size(): number {
    return this.waiting.length;
  }

  /**
   * Sends a message; at once, before this returns, if none waits.
   *
   * Rejects with SendQueueFullError, SendQueueClosedError, or the socket's own error; the messages after it are sent
   * nevertheless.
   */
  send(frames: Frames): Promise<void> {
    if (this.ended) return Promise.reject(closedError());
    if (this.waiting.length >= this.limit)
      return Promise.reject(
        new SendQueueFullError(`Sending a message failed: ${this.limit} others wait for the same socket.`),
      );
    return new Promise((resolve, reject) => {
      this.waiting.push({ frames, resolve, reject });
      if (!this.sending) void this.sendAll();
    });
  }

  /** Takes no more messages, sends those that wait, for `patience` ms at most, and closes the socket. */
  async close(patience = 1_000): Promise<void> {
    this.ended = true;
    if (this.sending)
      await new Promise<void>(done => {
        const timer = setTimeout(done, patience);
        this.drained = () => {
          clearTimeout(timer);
          done();
        };
      });
    this.abort();
  }

  /** Closes the socket at once; messages that wait are rejected with SendQueueClosedError. */
  abort(): void {
    this.ended = true;
    this.socket.close();
    for (const { reject } of this.waiting.splice(0)) reject(closedError());
  }

  private async sendAll(): Promise<void> {
    this.sending = true;
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      try {
        await this.socket.send(next.frames as Uint8Array[]); // The declaration asks for an array that may change.
        next.resolve();
      } catch (error) {
        next.reject(error);
      }
      // Unless it was aborted meanwhile.
      if (this.waiting[0] === next) this.waiting.shift();
    }
    this.sending = false;
    this.drained();
  }
}

function closedError(): SendQueueClosedError {
  return new SendQueueClosedError('Sending a message failed: the socket was closed.');
}
