import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The embedded simulator behind the remote API, in a process of its own as any simulator is. */
export interface ServerProcess {
  readonly address: string;
  close(): void;
}

export async function startServer(): Promise<ServerProcess> {
  const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
  const loader = import.meta.resolve('tsx');
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', loader, main, 'simulator', 'serve', '--port', '0', '--json'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const close = () => child.kill('SIGKILL');
  // It would outlive us where something throws.
  process.once('exit', close);
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const address = /tcp:\/\/[\w.:[\]]+/.exec(line)?.[0];
    if (address !== undefined) return { address, close };
  }
  throw new Error('The embedded simulator ended before it said where it listens; what it said is above.');
}
