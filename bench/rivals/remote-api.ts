import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./remote_api.py', import.meta.url));

/** Starting Python and connecting takes no longer than this, ms. */
const START_LIMIT = 30_000;

/** CoppeliaSim's official Python client in a process of its own: it makes calls when told, and idles in between. */
export class PythonClient {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;

  private constructor(child: ChildProcessWithoutNullStreams, lines: AsyncIterator<string>) {
    this.child = child;
    this.lines = lines;
  }

  /** Null where this Python has no such client, or it does not connect. */
  static async start(python: string, address: string, joint: string): Promise<PythonClient | null> {
    const { hostname, port } = new URL(address.replace(/^tcp:/, 'http:'));
    const child = spawn(python, [SCRIPT, hostname, port, joint]);
    child.on('error', () => {
      // It is not there: its output ends before it says that it is connected.
    });
    child.stderr.resume();
    const limit = setTimeout(() => child.kill('SIGKILL'), START_LIMIT);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { done } = await lines.next();
    clearTimeout(limit);
    return done ? null : new PythonClient(child, lines);
  }

  /** Seconds that so many calls take. */
  async call(calls: number): Promise<number> {
    this.child.stdin.write(`${calls}\n`);
    const { done, value } = await this.lines.next();
    if (done) throw new Error('The official Python client stopped before it answered.');
    return Number(value);
  }

  close(): void {
    this.child.stdin.end();
  }
}
