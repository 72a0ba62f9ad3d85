import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { guardArguments } from '../../common/guarded-node.ts';
import { oneLine } from '../../common/one-line.ts';

/** A Node process of this package's own, and what it said on stderr last. */
export interface PackageChild {
  readonly process: ChildProcess;
  /** Its last complaints; empty where there were none. */
  complaints(): string;
}

/**
 * Starts one of this folder's modules in a process of its own, with a channel for messages.
 *
 * The process leaves by itself when the channel breaks, and is ended by a guard if it cannot, so that none outlives the
 * one that started it, whatever happens to that one. Ctrl-C and a hang-up of the terminal are left to the parent, which
 * says goodbye first.
 *
 * @param module its name, without an extension.
 * @param execArgv more arguments for Node.
 */
export function startModule(module: string, execArgv: readonly string[] = []): PackageChild {
  const typescript = import.meta.url.endsWith('.ts');
  const file = fileURLToPath(new URL(`./${module}.${typescript ? 'ts' : 'js'}`, import.meta.url));
  // From sources, Node needs the loader of TypeScript; the built package does not have it.
  const loader = typescript ? ['--import', import.meta.resolve('tsx')] : [];
  const child = spawn(process.execPath, [...loader, ...guardArguments(), ...execArgv, file], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Typed arrays travel as they are.
    serialization: 'advanced',
  });
  let tail = '';
  child.stderr?.on('data', chunk => {
    tail = (tail + chunk).slice(-4000);
  });
  return { process: child, complaints: () => oneLine(tail, 2000) };
}

/** How long a process that lost its parent may take to close what it opened, ms. */
const GRACE = 3_000;

/**
 * In such a process: the signal is aborted once it is to leave, because it is told to or its parent is gone; it then
 * has a moment to close what it opened. Ctrl-C and SIGHUP are the parent's.
 */
export function beChild(): AbortSignal {
  const leaving = new AbortController();
  const leave = () => {
    leaving.abort();
    setTimeout(() => process.exit(1), GRACE).unref();
  };
  process.on('disconnect', leave);
  // It may have gone while this process was still loading.
  if (!process.connected) leave();
  process.on('SIGTERM', leave);
  for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => {});
  return leaving.signal;
}

/** Asks a process to end, waits until it has, and kills it where that takes longer than `patience`, ms. */
export async function end(child: ChildProcess, patience = 3_500): Promise<void> {
  child.kill('SIGTERM');
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>(done => {
    const killing = setTimeout(() => child.kill('SIGKILL'), patience);
    child.once('exit', () => {
      clearTimeout(killing);
      done();
    });
  });
}
