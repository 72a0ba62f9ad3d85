import type { IncomingMessage } from 'node:http';

/** Returns a request's body; null as soon as it is longer than `limit` bytes. Rejects if the client leaves first. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  // Known before anything is read, so that the answer still reaches a client that is sending.
  if (Number(request.headers['content-length'] ?? 0) > limit) return null;
  const chunks: Buffer[] = [];
  let length = 0;
  // The stream of a request without an encoding yields buffers.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
