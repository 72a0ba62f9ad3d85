import { SimulatorStartError } from '../../errors.ts';
import { type GuardedProcess, startGuarded } from './guarded-process.ts';
import type { Installation } from './installation.ts';
import type { InstanceLog } from './instance-log.ts';
import type { SupervisorSettings } from './options.ts';
import { isFree, releasePort, reservePort } from './ports.ts';
import { answers } from './sign-of-life.ts';

/** One running CoppeliaSim that has answered. */
export interface Launched {
  readonly process: GuardedProcess;
  readonly port: number;
  readonly address: string;
}

/** How many ports are tried. */
const PORT_ATTEMPTS = 100;
/** How often another port is tried because someone else was quicker to take the one that was free. */
const COLLISIONS = 3;

/**
 * Starts CoppeliaSim on a free port and waits until its remote API answers.
 *
 * @throws SimulatorStartError with the end of what it printed, where it dies or stays silent.
 */
export async function launch(
  installation: Installation,
  settings: SupervisorSettings,
  log: InstanceLog,
  signal: AbortSignal,
): Promise<Launched> {
  let first = settings.port;
  for (let collisions = 0; ; collisions++) {
    const port = await reservePort(first, settings.otherPorts ? PORT_ATTEMPTS : 1);
    try {
      return await launchOn(port, installation, settings, log, signal);
    } catch (error) {
      releasePort(port);
      // It was free a moment ago: then another program took it, and the next one may do.
      if (signal.aborted || !settings.otherPorts || collisions === COLLISIONS || (await isFree(port))) throw error;
      first = port + 2;
    }
  }
}

async function launchOn(
  port: number,
  installation: Installation,
  settings: SupervisorSettings,
  log: InstanceLog,
  signal: AbortSignal,
): Promise<Launched> {
  const { executable, folder } = installation;
  let child: GuardedProcess;
  try {
    child = await startGuarded({
      command: executable,
      args: commandLine(port, settings),
      folder,
      environment: environmentFor(settings),
      onOutput: text => log.append(text),
    });
  } catch (cause) {
    throw new SimulatorStartError(`Starting ${executable} failed. Check that it can be run by hand.`, { cause });
  }
  const address = `tcp://127.0.0.1:${port}`;
  try {
    const exited = child.exited.then(code => ({ code }));
    const silenced = new AbortController();
    const limit = AbortSignal.any([signal, silenced.signal]);
    const outcome = await Promise.race([exited, answers(address, settings.startTimeout, limit)]);
    silenced.abort();
    signal.throwIfAborted();
    if (typeof outcome === 'object')
      throw new SimulatorStartError(
        `Starting ${executable} failed: it ended with code ${outcome.code} before its remote API answered on port ${port}. It printed last:\n${log.tail()}`,
      );
    if (!outcome)
      throw new SimulatorStartError(
        `Starting ${executable} failed: its remote API did not answer on port ${port} within ${settings.startTimeout} s. It must be version 4.6 or later with the ZMQ remote API add-on. It printed last:\n${log.tail()}`,
      );
    return { process: child, port, address };
  } catch (error) {
    await child.stop(1);
    throw error;
  }
}

/**
 * Arguments for an instance.
 *
 * Source: CoppeliaSim's manual, "Command line", and the ZMQ remote API add-on's named parameters.
 */
function commandLine(port: number, { gui, args }: SupervisorSettings): string[] {
  return [
    ...(gui ? [] : ['-h']),
    `-GzmqRemoteApi.rpcPort=${port}`,
    `-GzmqRemoteApi.cntPort=${port + 1}`,
    // What scripts have to say belongs into the log; dialogs would wait for someone to click.
    '-vscriptwarnings',
    ...(gui ? [] : ['-xnone']),
    ...args,
  ];
}

/** Headless it still loads Qt, which wants a display unless told to do without one. */
function environmentFor({ gui }: SupervisorSettings): NodeJS.ProcessEnv {
  const { DISPLAY, WAYLAND_DISPLAY, QT_QPA_PLATFORM } = process.env;
  const lacksDisplay = process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY;
  if (gui || !lacksDisplay || QT_QPA_PLATFORM) return process.env;
  return { ...process.env, QT_QPA_PLATFORM: 'offscreen' };
}
