import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Marked {
  readonly pid: number;
  readonly command: string;
}

/** Living processes that carry the mark in their environment, zombies left out; Linux only. */
export function marked(mark: string): Marked[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        if (!readFileSync(`/proc/${name}/environ`, 'utf8').includes(mark)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), command }];
      } catch {
        return []; // It ended meanwhile, or is somebody else's.
      }
    });
}

/** Starts a TypeScript file whose descendants all carry the mark; what it says is kept. */
export function startMarked(
  mark: string,
  file: string,
  args: readonly string[],
): { child: ChildProcess; said: string[] } {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, GRASPBRIDGE_CHAOS: mark },
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => said.push(String(chunk)));
  return { child, said };
}

export function exited(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise(done => child.once('close', code => done(code)));
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number }; // It listens on TCP.
  await new Promise(done => server.close(done));
  return port;
}

/** A line to the learner that can be cut: connections break, and none comes about until it is mended. */
export class Line {
  readonly port: number;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private broken = false;

  private constructor(server: Server, port: number) {
    this.server = server;
    this.port = port;
  }

  static async open(to: number): Promise<Line> {
    let line: Line | null = null;
    const server = createServer(near => {
      if (line?.broken !== false) {
        near.destroy();
        return;
      }
      const far = connect(to, '127.0.0.1');
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        line.sockets.add(one);
        one.on('error', () => {});
        one.on('close', () => {
          line?.sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    line = new Line(server, (server.address() as { port: number }).port); // It listens on TCP.
    return line;
  }

  cut(): void {
    this.broken = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.broken = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise(done => this.server.close(done));
  }
}
