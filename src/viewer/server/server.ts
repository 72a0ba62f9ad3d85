import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { closeAll, closeAndThrow } from '../../common/close-all.ts';
import { ViewerServerError } from '../errors.ts';
import type { ClientMessage, ServerMessage } from '../protocol.ts';
import { Access } from './access.ts';
import { ViewerClient } from './client.ts';
import { MAX_MESSAGE_BYTES, parseClientMessage } from './client-messages.ts';
import { type PageFile, readPageFiles } from './page-files.ts';
import { readBody } from './read-body.ts';

/** More pages than this are not taken. */
const MAX_CLIENTS = 64;
/** Longest video, bytes. */
const MAX_UPLOAD_BYTES = 1 << 30;
/** Between two questions whether a client is still there, ms. */
const HEARTBEAT = 10_000;

export interface ViewerServerOptions {
  /** Folder of the built page. */
  readonly page: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Called when a page has connected, to greet it. */
  readonly onClient?: (client: ViewerClient) => void;
  readonly onMessage?: (message: ClientMessage, client: ViewerClient) => void;
  readonly onLeave?: (client: ViewerClient) => void;
  /** Takes what the page uploads, a video; without it nothing can be uploaded. An error says why there is none. */
  readonly onUpload?: (upload: Uint8Array | Error) => void;
}

/**
 * Serves the page and a WebSocket beside it, on loopback, to whoever knows the token.
 *
 * Nothing here waits for a client: what one does not read in time is left out, and one that does not read at all, says
 * what is not in the protocol, or too much of it, is disconnected.
 */
export class ViewerServer {
  readonly clients: ReadonlySet<ViewerClient>;
  private readonly members = new Set<ViewerClient>();
  private readonly access = new Access();
  private readonly files: ReadonlyMap<string, PageFile>;
  private readonly http: Server;
  private readonly sockets: WebSocketServer;
  private readonly options: ViewerServerOptions;
  private readonly heartbeat: NodeJS.Timeout;

  private constructor(options: ViewerServerOptions) {
    this.options = options;
    this.clients = this.members;
    this.files = readPageFiles(options.page);
    this.http = createServer((request, response) => {
      this.answer(request, response).catch(() => response.destroy());
    });
    this.sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
    this.http.on('upgrade', (request, socket, head) => this.upgrade(request, socket as Socket, head));
    this.heartbeat = setInterval(() => {
      for (const client of this.members) client.checkAlive();
    }, HEARTBEAT);
    this.heartbeat.unref();
  }

  /** Starts a server. Throws ViewerServerError where the port is taken. */
  static async start(options: ViewerServerOptions): Promise<ViewerServer> {
    const server = new ViewerServer(options);
    const { port = 0 } = options;
    try {
      server.http.listen({ host: '127.0.0.1', port });
      await once(server.http, 'listening');
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : cause;
      const error = new ViewerServerError(
        `Listening on port ${port} for the viewer failed: ${reason}. Choose another --port, or leave it out for a free one.`,
        { cause },
      );
      return closeAndThrow(error, server);
    }
    server.access.listen(server.port);
    return server;
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port; // It listens on TCP.
  }

  /** The page's address with its token. */
  get url(): string {
    return this.access.url;
  }

  /** Sends everyone what may not be left out. */
  broadcast(message: ServerMessage): void {
    const text = JSON.stringify(message);
    for (const client of this.members) client.sendText(text);
  }

  /** Sends everyone who keeps up a picture of the moment: a status, or a pose frame. */
  broadcastMoment(moment: ServerMessage | Uint8Array): void {
    if (this.members.size === 0) return;
    const data = moment instanceof Uint8Array ? moment : JSON.stringify(moment);
    for (const client of this.members) client.sendMoment(data);
  }

  async close(): Promise<void> {
    clearInterval(this.heartbeat);
    for (const client of this.members) client.close();
    // A client that is gone would never answer the closing handshake.
    const impatience = setTimeout(() => {
      for (const client of this.members) client.terminate();
    }, 300);
    await closeAll(
      () => new Promise(done => this.sockets.close(done)),
      async () => {
        const closed = new Promise(done => this.http.close(done));
        this.http.closeAllConnections();
        await closed;
      },
      () => clearTimeout(impatience),
    );
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = this.access.refusal(request);
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (refusal !== null) sendText(response, 403, refusal);
    else if (request.method === 'POST' && path === '/upload' && this.options.onUpload !== undefined)
      await this.takeUpload(request, response, this.options.onUpload);
    else {
      const file = request.method === 'GET' || request.method === 'HEAD' ? this.files.get(path) : undefined;
      if (file === undefined) sendText(response, 404, 'There is nothing here.');
      else this.sendFile(request, response, file);
    }
  }

  private sendFile(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
    response.writeHead(200, {
      'content-type': file.type,
      'content-length': file.bytes.length,
      'set-cookie': this.access.cookie,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      // Styles are also set by the charts, piece by piece; everything else comes from here and nowhere else.
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
        `connect-src 'self' ws://${request.headers.host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    });
    response.end(file.bytes);
  }

  private async takeUpload(
    request: IncomingMessage,
    response: ServerResponse,
    onUpload: (upload: Uint8Array | Error) => void,
  ): Promise<void> {
    const body = await readBody(request, MAX_UPLOAD_BYTES);
    if (body === null) return sendText(response, 413, `An upload has at most ${MAX_UPLOAD_BYTES} bytes.`);
    const failed = request.headers['x-failure'] !== undefined;
    onUpload(failed ? new Error(body.toString('utf8').slice(0, 500)) : body);
    response.writeHead(204).end();
  }

  private upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => {});
    const path = (request.url ?? '').split('?')[0];
    const refusal = path !== '/live' ? 'There is nothing here.' : this.access.refusal(request);
    if (refusal !== null || this.members.size >= MAX_CLIENTS) {
      const status =
        refusal === null ? '503 Service Unavailable' : path === '/live' ? '403 Forbidden' : '404 Not Found';
      // A client that keeps its half open would keep the server from closing.
      socket.once('finish', () => socket.destroy());
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, webSocket => this.join(webSocket));
  }

  private join(socket: WebSocket): void {
    const client = new ViewerClient(socket);
    this.members.add(client);
    socket.on('close', () => {
      this.members.delete(client);
      this.options.onLeave?.(client);
    });
    socket.on('message', (data, isBinary) => {
      // What comes after a refusal, and before the client has heard of it.
      if (socket.readyState !== socket.OPEN) return;
      if (!client.spend()) return client.refuse('too many messages');
      // ws hands a text over as one buffer.
      const message = isBinary ? null : parseClientMessage((data as Buffer).toString('utf8'));
      if (message === null) return client.refuse('not a message of this protocol');
      this.options.onMessage?.(message, client);
    });
    this.options.onClient?.(client);
  }
}

/** Answers with one line. The connection ends with it: what is left of a refused request is not read. */
function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(text);
}
