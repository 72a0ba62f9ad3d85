import { decodePoseFrame, type PoseFrame } from '../pose-frame.ts';
import { type ClientMessage, PROTOCOL_VERSION, type ServerMessage } from '../protocol.ts';

/** `refused`: a server is there, but it is another one, which does not know this page. */
export type LinkState = 'connecting' | 'connected' | 'lost' | 'refused' | 'ended';

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
    handlers.onState('connecting');
    this.connect();
  }

  send(message: ClientMessage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private connect(): void {
    const query = this.token === '' ? '' : `?token=${encodeURIComponent(this.token)}`;
    const socket = new WebSocket(`ws://${location.host}/live${query}`);
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    let opened = false;
    socket.addEventListener('open', () => {
      opened = true;
      this.handlers.onState('connected');
    });
    socket.addEventListener('message', event => this.receive(event.data));
    socket.addEventListener('close', async () => {
      if (this.ended) return this.handlers.onState('ended');
      this.handlers.onState(!opened && (await isRefused()) ? 'refused' : 'lost');
      setTimeout(() => this.connect(), RETRY);
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

/** Whether the server answers that it does not know us; a socket does not tell that from no server at all. */
async function isRefused(): Promise<boolean> {
  try {
    return (await fetch('/', { method: 'HEAD', cache: 'no-store' })).status === 403;
  } catch {
    return false;
  }
}
