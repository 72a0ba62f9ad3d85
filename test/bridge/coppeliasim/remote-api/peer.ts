import { Reply } from 'zeromq';
import { decodeMessage, encodeMessage } from '../../../../src/bridge/coppeliasim/remote-api/index.ts';
import { type Request, readRequest } from './recording.ts';

/** What a peer does with a request: answers these bytes or this message, or (`null`) nothing at all. */
export type Answer = Uint8Array | Record<string, unknown> | null;

/** A peer behind a real REP socket that answers as it is told, and remembers what it was asked. */
export interface Peer {
  readonly address: string;
  readonly requests: Request[];
  readonly raw: Uint8Array[];
  close(): void;
}

/** Where nothing more is said, requests succeed and return nothing. */
export const fine = { ret: {} };

export async function startPeer(
  answer: (request: Request, index: number, raw: Uint8Array) => Answer | Promise<Answer> = () => fine,
  address = 'tcp://127.0.0.1:*',
): Promise<Peer> {
  const socket = new Reply({ linger: 0 });
  // An address that somebody has just left takes a moment to be free.
  for (let tries = 0; ; tries++) {
    try {
      await socket.bind(address);
      break;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }
  const requests: Request[] = [];
  const raw: Uint8Array[] = [];
  const serve = async () => {
    for await (const [bytes] of socket) {
      if (bytes === undefined) continue;
      const request = readRequest(bytes);
      raw.push(bytes);
      requests.push(request);
      const reply =
        request.func === '_*end*_' ? {} : await Promise.resolve(answer(request, requests.length - 1, bytes));
      // A REP socket that owes an answer takes no other request: that is what a hanging simulator looks like.
      if (reply === null) return;
      if (socket.closed) return;
      await socket.send(reply instanceof Uint8Array ? reply : encodeMessage(reply, { floats: 'smallest' }));
    }
  };
  serve().catch(() => {
    // Closed in the middle of an answer.
  });
  return {
    address: socket.lastEndpoint as string, // It is bound.
    requests,
    raw,
    close: () => socket.close(),
  };
}

export { decodeMessage, encodeMessage };
