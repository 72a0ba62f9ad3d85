import { spawn } from 'node:child_process';
import type { CommandLine } from './command-lines.ts';

/** A process has this long to end once its result is printed, ms; longer on a machine that is busy. */
const PATIENCE = 5_000;

/** Returns how long to wait for the end of a process, ms: {@link PATIENCE}, or twice what a whole command takes now. */
export async function measurePatience(program: readonly string[]): Promise<number> {
  const began = performance.now();
  await start(program, ['--version']).ended;
  return Math.max(PATIENCE, 2 * (performance.now() - began));
}

/** Output of a command that has ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Runs a command line and waits for its process to end.
 *
 * Throws if the process is alive `patience` after its result or, for an interrupted one without a result, after the
 * signal; if it ends with another exit code than expected; and if it ends without its result.
 *
 * @param program what starts graspbridge
 * @param patience ms
 */
export async function runToExit(program: readonly string[], line: CommandLine, patience: number): Promise<Ended> {
  if (line.beside === undefined) return runAlone(program, line, patience);
  const beside = start(program, line.beside.args);
  try {
    await beside.until(output => line.beside?.until.test(output) === true);
    return await runAlone(program, line, patience);
  } finally {
    beside.signal('SIGINT');
    await endOf(beside, `what runs beside ${line.name}`, patience);
  }
}

async function runAlone(program: readonly string[], line: CommandLine, patience: number): Promise<Ended> {
  const { interrupt, result, code = interrupt === undefined ? 0 : 130 } = line;
  const running = start(program, line.args);
  const printed = await running.until((output, stdout) =>
    interrupt !== undefined ? interrupt.test(output) : result !== undefined ? result.test(output) : endsInJson(stdout),
  );
  if (printed && interrupt !== undefined) running.signal('SIGINT');
  // Saving takes as long as it takes; a process that hangs in it is ended by the test's own limit.
  const saved = interrupt === undefined || result === undefined || (await running.until(output => result.test(output)));
  const ended = await endOf(running, line.name, patience);
  if (!printed || !saved)
    throw new Error(`${line.name} ended without its result, with ${ended.code}:\n${ended.output}`);
  if (ended.code !== code)
    throw new Error(`${line.name} ended with exit code ${ended.code} in place of ${code}:\n${ended.output}`);
  return ended;
}

/** Processes that are still running. */
const alive = new Set<Process>();

/** Kills what a test that was given up has left running. */
export function killRemaining(): void {
  for (const running of alive) running.signal('SIGKILL');
}

interface Process {
  readonly ended: Promise<Ended>;
  /** Resolves to true once `condition` holds for what was printed, and to false if the process ends before. */
  until(condition: (output: string, stdout: string) => boolean): Promise<boolean>;
  signal(name: NodeJS.Signals): void;
}

function start([program = '', ...first]: readonly string[], args: readonly string[]): Process {
  // A group of its own, so that a process that has to be killed takes what it started with it.
  const child = spawn(program, [...first, ...args], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let [output, stdout] = ['', ''];
  let look = () => {};
  child.stdout.on('data', chunk => {
    stdout += chunk;
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      output += chunk;
      look();
    });
  const ended = new Promise<Ended>((done, fail) => {
    child.on('error', fail);
    child.on('close', code => done({ code, output }));
  });
  const running: Process = {
    ended,
    until: condition =>
      new Promise((done, fail) => {
        look = () => condition(output, stdout) && done(true);
        look();
        ended.then(() => done(false), fail);
      }),
    signal(name) {
      try {
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, name);
      } catch {} // It has just ended.
    },
  };
  alive.add(running);
  const forget = () => alive.delete(running);
  ended.then(forget, forget);
  return running;
}

/** Waits for the end. A process that is still alive then is killed. */
async function endOf(running: Process, name: string, patience: number): Promise<Ended> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>(done => {
    timer = setTimeout(() => done('late'), patience);
  });
  const end = await Promise.race([running.ended, late]);
  clearTimeout(timer);
  if (end !== 'late') return end;
  running.signal('SIGKILL');
  const { output } = await running.ended;
  throw new Error(`${name} is still running ${(patience / 1000).toFixed(1)} s after its result:\n${output}`);
}

/** Whether the last line is a JSON object. */
function endsInJson(stdout: string): boolean {
  return stdout.endsWith('\n') && stdout.trimEnd().split('\n').at(-1)?.startsWith('{') === true;
}
