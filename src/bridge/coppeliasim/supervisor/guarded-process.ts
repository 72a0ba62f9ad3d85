import { type ChildProcess, spawn } from 'node:child_process';
import { guardedCommand } from '../../../common/guarded-command.ts';

export interface GuardedProcess {
  /** The group's id, and that of its leader. */
  readonly pid: number;
  /** Resolves once the program is gone; never rejects. A signal is shown as a shell does: 128 + its number. */
  readonly exited: Promise<number>;
  running(): boolean;
  /** Ends the whole group: politely, and for good after `patience` seconds. Resolves when it is gone. */
  stop(patience?: number): Promise<void>;
}

export interface GuardedOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** What it prints, on either stream. */
  readonly onOutput: (text: string) => void;
}

/** Groups that are alive, to be killed at the very end of this process. */
const groups = new Set<number>();
let watchingExit = false;

/** Starts a program in a process group of its own. Rejects with the system's error where it cannot be started. */
export async function startGuarded(options: GuardedOptions): Promise<GuardedProcess> {
  const child = spawn(...guardedCommand(options.command, options.args), {
    cwd: options.folder,
    env: options.environment,
    // Its own group and session: Ctrl-C on our terminal reaches us alone, and we decide what becomes of it.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await new Promise<void>((done, fail) => {
    child.once('spawn', done);
    child.once('error', fail);
  });
  const pid = child.pid as number; // It has one since `spawn`.
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', options.onOutput);
  // The simulator alone must not keep a program alive that has nothing else to do.
  release(child);
  groups.add(pid);
  killAtExit();
  let running = true;
  // Every process of the group holds our pipe. Looking at the group itself would count the dead that nobody has reaped.
  let gone = false;
  child.once('close', () => {
    gone = true;
  });
  const exited = new Promise<number>(done => {
    child.once('exit', (code, signal) => {
      running = false;
      done(code ?? (signal === 'SIGKILL' ? 137 : 143));
    });
  });
  return {
    pid,
    exited,
    running: () => running,
    async stop(patience = 3) {
      signalGroup(pid, 'SIGTERM');
      const deadline = Date.now() + patience * 1000;
      while (!gone && groupAlive(pid) && Date.now() < deadline) await pause(20);
      signalGroup(pid, 'SIGKILL');
      const end = Date.now() + 2000;
      while (!gone && groupAlive(pid) && Date.now() < end) await pause(20);
      groups.delete(pid);
    },
  };
}

function release(child: ChildProcess): void {
  child.unref();
  // Pipes to a child are sockets, whose type the declaration does not tell.
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as { unref?: () => void } | null)?.unref?.();
}

function killAtExit(): void {
  if (watchingExit) return;
  watchingExit = true;
  process.on('exit', () => {
    for (const pid of groups) signalGroup(pid, 'SIGKILL');
  });
}

/** Whether any process of the group is left. */
function groupAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone already.
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(done => setTimeout(done, milliseconds));
}
