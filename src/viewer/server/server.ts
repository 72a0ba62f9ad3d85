import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { closeAll, closeAndThrow } from '../../common/close-all.ts';
import { ViewerServerError } from '../errors.ts';
import type { ClientMessage, ServerMessage } from '../protocol.ts';
import { Access } from './access.ts';
import { ViewerClient } from './client.ts';
import { MAX_MESSAGE_BYTES, parseClientMessage } from './client-messages.ts';
import { readPageFiles } from './page-files.ts';

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
  private readonly http: FastifyInstance;
  private readonly sockets: WebSocketServer;
  private readonly options: ViewerServerOptions;
  private readonly heartbeat: NodeJS.Timeout;

  private constructor(options: ViewerServerOptions) {
    this.options = options;
    this.clients = this.members;
    this.http = fastify({ logger: false, bodyLimit: MAX_MESSAGE_BYTES, forceCloseConnections: true });
    this.sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
    this.servePage();
    this.takeUploads();
    this.http.server.on('upgrade', (request, socket, head) => this.upgrade(request, socket as Socket, head));
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
      await server.http.listen({ host: '127.0.0.1', port });
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
    return (this.http.server.address() as AddressInfo).port; // It listens on TCP.
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
      this.http,
      () => clearTimeout(impatience),
    );
  }

  private servePage(): void {
    const files = readPageFiles(this.options.page);
    this.http.get('/*', (request, reply) => {
      const refusal = this.access.refusal(request.raw);
      if (refusal !== null) return reply.code(403).type('text/plain; charset=utf-8').send(refusal);
      const file = files.get(request.url.split('?')[0] as string); // A split text has a first part.
      if (file === undefined) return reply.code(404).type('text/plain; charset=utf-8').send('There is nothing here.');
      return reply
        .headers({
          'content-type': file.type,
          'set-cookie': this.access.cookie,
          'cache-control': 'no-store',
          'referrer-policy': 'no-referrer',
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          // Styles are also set by the charts, piece by piece; everything else comes from here and nowhere else.
          'content-security-policy':
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
            `connect-src 'self' ws://${request.headers.host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
        })
        .send(file.bytes);
    });
  }

  private takeUploads(): void {
    const { onUpload } = this.options;
    if (onUpload === undefined) return;
    const anything = (_: unknown, body: Buffer, done: (error: Error | null, body: Buffer) => void) => done(null, body);
    this.http.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_UPLOAD_BYTES }, anything);
    this.http.post<{ Body: Buffer | undefined }>('/upload', { bodyLimit: MAX_UPLOAD_BYTES }, (request, reply) => {
      const refusal = this.access.refusal(request.raw);
      if (refusal !== null) return reply.code(403).send(refusal);
      const body = request.body ?? Buffer.alloc(0);
      const failed = request.headers['x-failure'] !== undefined;
      onUpload(failed ? new Error(body.toString('utf8').slice(0, 500)) : body);
      return reply.code(204).send();
    });
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
