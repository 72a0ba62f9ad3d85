import type { WebSocket } from 'ws';
import type { ServerMessage } from '../protocol.ts';

/** With more than this waiting to be sent, pictures of the moment are left out: later ones take their place. */
const CROWDED_BYTES = 64 << 10;
/** With more than this waiting, a client is given up: it does not read. */
const STUCK_BYTES = 32 << 20;
/** Messages a second that a page may send. */
const MESSAGES_PER_SECOND = 240;

/** One connected page. Sending never waits and never throws. */
export class ViewerClient {
  private readonly socket: WebSocket;
  private alive = true;
  private allowance = MESSAGES_PER_SECOND;
  private allowanceAt = Date.now();

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('pong', () => {
      this.alive = true;
    });
    // Without a listener a broken connection would end the process; 'close' follows.
    socket.on('error', () => {});
  }

  /** Whether it may send another message now. */
  spend(): boolean {
    const now = Date.now();
    const earned = ((now - this.allowanceAt) / 1000) * MESSAGES_PER_SECOND;
    this.allowance = Math.min(MESSAGES_PER_SECOND, this.allowance + earned) - 1;
    this.allowanceAt = now;
    return this.allowance >= 0;
  }

  /** Whether more is waiting to be sent than should. */
  get crowded(): boolean {
    return this.socket.bufferedAmount > CROWDED_BYTES;
  }

  /** Sends what may not be left out. */
  send(message: ServerMessage): void {
    this.sendText(JSON.stringify(message));
  }

  sendText(text: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > STUCK_BYTES) this.socket.terminate();
    else this.socket.send(text);
  }

  /** Sends bytes that may not be left out. */
  sendBytes(bytes: Uint8Array): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(bytes);
  }

  /** Sends a picture of the moment, unless the client lags behind. */
  sendMoment(data: string | Uint8Array): void {
    if (this.socket.readyState !== this.socket.OPEN || this.crowded) return;
    this.socket.send(data);
  }

  /** Ends the connection with a reason (RFC 6455, 7.4.1: 1008 is a violated policy). */
  refuse(reason: string): void {
    this.socket.close(1008, reason);
  }

  /** Gives up a client that has not answered since the last call, and asks again. */
  checkAlive(): void {
    if (!this.alive) {
      this.socket.terminate();
      return;
    }
    this.alive = false;
    if (this.socket.readyState === this.socket.OPEN) this.socket.ping();
  }

  close(): void {
    this.socket.close(1001, 'the server ends');
  }

  terminate(): void {
    this.socket.terminate();
  }
}
