import { createServer } from 'node:net';
import { SimulatorStartError } from '../../errors.ts';

/** Ports between two instances: the second one is for the remote API's own use (`zmqRemoteApi.cntPort`). */
export const portsPerInstance = 2;

/** Whether a socket could listen there, on every address, as CoppeliaSim does. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const free = await new Promise<boolean>(done => {
      const server = createServer();
      server.once('error', () => done(false));
      server.listen({ port, host, exclusive: true }, () => server.close(() => done(true)));
    });
    if (!free) return false;
  }
  return true;
}

/** Ports that instances of this process were given and may not listen on yet. */
const reserved = new Set<number>();

/**
 * Reserves a free port, and the one after it. Pay it back with {@link releasePort}.
 *
 * @param first tried first.
 * @param attempts how many are tried, two apart.
 * @throws SimulatorStartError where none is free.
 */
export async function reservePort(first: number, attempts: number): Promise<number> {
  const last = first + (attempts - 1) * portsPerInstance;
  for (let port = first; port <= last && port + 1 < 65_536; port += portsPerInstance) {
    if (reserved.has(port)) continue;
    // Reserved before the first wait, so that two starts at once do not choose the same.
    reserved.add(port);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
    reserved.delete(port);
  }
  const range = attempts === 1 ? `Port ${first} is` : `The ports ${first} to ${last} are`;
  throw new SimulatorStartError(
    `Starting CoppeliaSim failed: ${range} taken by other programs. Close them, or choose another --port.`,
  );
}

export function releasePort(port: number): void {
  reserved.delete(port);
}
