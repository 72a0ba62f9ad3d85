import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { Request } from 'zeromq';
import { decodeMessage, encodeMessage } from '../../../src/bridge/coppeliasim/remote-api/index.ts';
import {
  type RemoteApiServer,
  type RemoteApiServerOptions,
  serveRemoteApi,
} from '../../../src/bridge/remote-api-server/index.ts';

/** A server on a free port, closed after the test. */
export async function served(options: RemoteApiServerOptions = {}): Promise<RemoteApiServer> {
  const server = await serveRemoteApi({ port: 0, ...options });
  onTestFinished(() => server.close());
  return server;
}

export type Reply = Record<string, unknown>;

/** A client of a few lines, which shows every message: REQ, CBOR, nothing else. */
export class RawClient {
  readonly uuid = randomUUID();
  /** How often it was told to wait. */
  waits = 0;
  private readonly socket: Request;
  private first = true;
  private readonly timeout: number;

  constructor({ address }: RemoteApiServer, { timeout = 600, receiveTimeout = 5 } = {}) {
    this.timeout = timeout;
    this.socket = new Request({ linger: 0, receiveTimeout: 1000 * receiveTimeout, ipv6: address.includes('[') });
    this.socket.connect(address);
    onTestFinished(() => this.socket.close());
  }

  /** Bytes as they are. */
  async exchange(bytes: Uint8Array): Promise<Buffer> {
    await this.socket.send(bytes);
    const [reply] = await this.socket.receive();
    return reply as Buffer;
  }

  /** One message, its reply decoded. */
  async ask(func: string, args: readonly unknown[] = []): Promise<Reply> {
    const contact = this.first ? { ver: 2, lang: 'test', timeout: this.timeout } : {};
    this.first = false;
    const request = { func, args, argsL: args.length, uuid: this.uuid, ...contact };
    return decodeMessage(await this.exchange(encodeMessage(request))) as Reply;
  }

  /** A call to its end, waiting as told: its values. Throws its error. */
  async call(func: string, ...args: unknown[]): Promise<unknown[]> {
    let reply = await this.ask(func, args);
    while (reply.func === '_*wait*_') {
      this.waits++;
      reply = await this.ask('_*executed*_');
    }
    if (typeof reply.err === 'string') throw new Error(reply.err);
    return Array.isArray(reply.ret) ? reply.ret : [];
  }

  /** The first value of a call. */
  async value<Value = number>(func: string, ...args: unknown[]): Promise<Value> {
    const [value] = await this.call(func, ...args);
    return value as Value;
  }
}

/** Seconds that something took. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
