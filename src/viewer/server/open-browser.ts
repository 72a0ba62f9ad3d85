import { spawn } from 'node:child_process';

/** Whether a browser that opens here would be seen by whoever started the command. */
export function hasDisplay(environment: NodeJS.ProcessEnv = process.env): boolean {
  if (environment.SSH_CONNECTION !== undefined || environment.CI !== undefined) return false;
  if (process.platform !== 'linux') return true;
  return environment.DISPLAY !== undefined || environment.WAYLAND_DISPLAY !== undefined;
}

/** Asks the system to open an address; nothing happens where it cannot. */
export function openBrowser(url: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url];
  const child = spawn(program as string, args, { stdio: 'ignore', detached: true }); // Every case above has a program.
  child.on('error', () => {});
  child.unref();
}
