import { decodePoseFrame, type PoseFrame } from '../pose-frame.ts';
import { type ClientMessage, PROTOCOL_VERSION, type ServerMessage } from '../protocol.ts';

export type LinkState = 'connecting' | 'connected' | 'lost' | 'ended';

export interface ConnectionHandlers {
  onMessage(message: ServerMessage): void;
  onFrame(frame: PoseFrame): void;
  onState(state: LinkState): void;
}

/** Between two attempts to connect again, ms. */
const RETRY = 1000;

/** The socket to the server; connects again where the connection breaks, until the server says goodbye. */
export class Connection {
  private readonly handlers: ConnectionHandlers;
  private readonly token: string;
  private socket: WebSocket | null = null;
  private ended = false;

  constructor(handlers: ConnectionHandlers) {
    this.handlers = handlers;
    const address = new URL(location.href);
    this.token = address.searchParams.get('token') ?? '';
    // Out of sight, and out of what is shared or bookmarked; the cookie serves from now on.
    if (this.token !== '') history.replaceState(null, '', address.pathname + address.hash);
    this.connect();
  }

  send(message: ClientMessage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private connect(): void {
    this.handlers.onState('connecting');
    const query = this.token === '' ? '' : `?token=${encodeURIComponent(this.token)}`;
    const socket = new WebSocket(`ws://${location.host}/live${query}`);
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => this.handlers.onState('connected'));
    socket.addEventListener('message', event => this.receive(event.data));
    socket.addEventListener('close', () => {
      this.handlers.onState(this.ended ? 'ended' : 'lost');
      if (!this.ended) setTimeout(() => this.connect(), RETRY);
    });
  }

  private receive(data: unknown): void {
    if (data instanceof ArrayBuffer) {
      this.handlers.onFrame(decodePoseFrame(data));
      return;
    }
    const message = JSON.parse(String(data)) as ServerMessage; // From our own server, whose version is checked next.
    if (message.type === 'hello' && message.protocol !== PROTOCOL_VERSION) {
      location.reload();
      return;
    }
    if (message.type === 'goodbye') this.ended = true;
    this.handlers.onMessage(message);
  }
}
