import { type ChildProcess, spawn } from 'node:child_process';
import { lstatSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { guardedCommand } from '../../common/guarded-command.ts';
import { HEADLESS_ARGUMENTS } from './find-browser.ts';

/** A browser without a window, with a profile of its own. Neither outlives this process. */
export class HeadlessBrowser {
  private readonly child: ChildProcess;
  private readonly profile = mkdtempSync(join(tmpdir(), 'graspbridge-browser-'));
  private readonly end = () => {
    this.kill();
    // Killed, it leaves its socket's folder, too, which is elsewhere.
    const socket = join(this.profile, 'SingletonSocket');
    const link = lstatSync(socket, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    // Its last processes may still be writing there.
    for (const folder of [this.profile, ...(link ? [dirname(readlinkSync(socket))] : [])])
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };

  /** @param onEnd told why, where the browser cannot be started or ends by itself. */
  constructor(
    program: string,
    url: string,
    { width, height }: { readonly width: number; readonly height: number },
    onEnd: (reason: string) => void,
  ) {
    const options = [
      ...HEADLESS_ARGUMENTS,
      // Root, in containers, has no sandbox.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--user-data-dir=${this.profile}`,
      `--window-size=${width},${height}`,
    ];
    process.once('exit', this.end);
    const args = [...options, url];
    this.child =
      process.platform === 'win32'
        ? spawn(program, args, { stdio: 'ignore' })
        : spawn(...guardedCommand(program, args), { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    this.child.on('error', cause => onEnd(`starting ${program} failed: ${cause.message}`));
    this.child.on('exit', code => onEnd(`${program} ended by itself, with ${code}`));
  }

  /** Ends it with all its processes, and removes its profile. */
  close(): void {
    process.off('exit', this.end);
    this.end();
  }

  /** Its processes are a group of their own. */
  private kill(): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
}
