import { MessageError, SimulatorTimeoutError } from '../errors.ts';

/** As much of a remote API client as setting a scene up takes. */
export interface RemoteCalls {
  /** Calls a function by its full name, `sim.getObject`; returns its results. */
  call(name: string, args?: readonly unknown[]): Promise<readonly unknown[]>;
}

/**
 * CoppeliaSim's numbers for what is used here, as `zmqRemoteApi.info('sim')` of 4.10 lists them. They are part of its
 * file format and have not changed since V-REP.
 */
export const constants = {
  simulationStopped: 0,
  scriptTypeSimulation: 1,
  intParamProgramVersion: 1,
  floatParamTimeStep: 1,
  boolParamRealTime: 25,
  jointModeDynamic: 5,
  sceneHandle: -12,
  sceneObjectScript: 17,
  scriptIntParamEnabled: 10104,
  verbosityScriptInfos: 450,
  verbosityUndecorated: 0xf000,
} as const;

/** The first result, which must be a number. Throws MessageError. */
export async function callNumber(calls: RemoteCalls, name: string, args: readonly unknown[] = []): Promise<number> {
  const [result] = await calls.call(name, args);
  // A wide integer comes as a bigint; none that is used here is one.
  if (typeof result !== 'number')
    throw new MessageError(`${name} answered ${describe(result)}, but a number is what it returns.`);
  return result;
}

/** The first result, which must be a list of that many finite numbers. Throws MessageError. */
export async function callNumbers(
  calls: RemoteCalls,
  name: string,
  args: readonly unknown[],
  length: number,
): Promise<number[]> {
  const [result] = await calls.call(name, args);
  const numbers =
    Array.isArray(result) || result instanceof Float64Array ? Array.from(result as ArrayLike<unknown>) : [];
  if (numbers.length < length || !numbers.slice(0, length).every(Number.isFinite))
    throw new MessageError(`${name} answered ${describe(result)}, but ${length} numbers are what it returns.`);
  return numbers.slice(0, length) as number[]; // Finite numbers, as just checked.
}

function describe(value: unknown): string {
  return (JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item)) ?? 'nothing').slice(
    0,
    100,
  );
}

/**
 * Stops the simulation and waits until it has stopped; whoever held its steps loses hold of them by it.
 *
 * The call itself may return earlier than that, and what is started again too early does not start.
 *
 * @param timeout s
 * @throws SimulatorTimeoutError
 */
export async function stopSimulation(calls: RemoteCalls, timeout: number): Promise<void> {
  const deadline = performance.now() + timeout * 1000;
  for (let asked = false; ; asked = true) {
    const state = await callNumber(calls, 'sim.getSimulationState');
    if (state === constants.simulationStopped) return;
    if (performance.now() > deadline)
      throw new SimulatorTimeoutError(
        `Stopping the simulation failed: it is still in state ${state} after ${timeout} s. Stop it by hand, or restart the simulator.`,
      );
    if (!asked) await calls.call('sim.stopSimulation', []);
    else await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** The simulator's version, `4.10.0`. */
export async function readVersion(calls: RemoteCalls): Promise<string> {
  const version = await callNumber(calls, 'sim.getInt32Param', [constants.intParamProgramVersion]);
  return `${Math.floor(version / 10_000)}.${Math.floor(version / 100) % 100}.${version % 100}`;
}
