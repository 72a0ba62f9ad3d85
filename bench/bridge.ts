import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createCoppeliaSimSimulator } from '../src/bridge/coppeliasim/index.ts';
import { type BatchCall, connectRemoteApi, type RemoteApiClient, type Sim } from '../src/bridge/index.ts';
import { pythonWithClient } from '../test/interop/python.ts';
import { startServer } from './bridge-server.ts';
import { median } from './pinned.ts';
import { PythonClient } from './rivals/remote-api.ts';

export interface BridgeBenchOptions {
  /** A running CoppeliaSim with the scene in it; the embedded simulator, served, by default. */
  readonly coppeliasim?: string;
  /** Pythons to look for the official client in, in order. */
  readonly pythons?: readonly string[];
  readonly rounds?: number;
  /** Calls of one turn; a sixth as many steps. */
  readonly calls?: number;
}

export interface BridgeBenchResult {
  readonly processor: string;
  readonly node: string;
  readonly server: string;
  /** Medians over rounds. */
  readonly callsPerSecond: { readonly ours: number; readonly python: number | null };
  /** Median over rounds of the same round's ratio. */
  readonly ratioToPython: number | null;
  /** Microseconds that 21 reads take. */
  readonly reads21: { readonly oneByOne: number; readonly batch: number };
  readonly ratioOfBatch: number;
  readonly stepsPerSecond: { readonly fastLane: number; readonly callByCall: number; readonly callsPerStep: number };
  readonly ratioOfFastLane: number;
  /** Why there is no ratio to Python. */
  readonly note?: string;
}

const JOINTS = Array.from({ length: 7 }, (_, i) => `/Sawyer/Sawyer_joint${i + 1}`);
/** By its path in the original's scene, and in the one that graspbridge builds. */
const GRIPPER = ['/Sawyer/BaxterGripper', '/Sawyer/BaxterGripper_center'];
const READ = ['/Sawyer/Sawyer_tip', '/Sawyer/BaxterGripper_leftPad', '/Sawyer/BaxterGripper_righPad', '/target'];
const FINGERS = ['/Sawyer/BaxterGripper_leftJoint', '/Sawyer/BaxterGripper_rightJoint'];

async function seconds(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return (performance.now() - start) / 1000;
}

/** One call at a time, beside the official client: they take turns, so that whatever else runs falls on both. */
async function benchCalls(client: RemoteApiClient, python: PythonClient | null, rounds: number, calls: number) {
  const sim = await client.require('sim');
  const joint = await sim.getObject(JOINTS[0] as string); // There are seven.
  const ourTurn = () =>
    seconds(async () => {
      for (let i = 0; i < calls; i++) await sim.getJointPosition(joint);
    });
  // Compilers that work while the program runs, here and in the server, have had their time when the clock starts.
  for (let warmUp = 0; warmUp < 16; warmUp++) await ourTurn();
  await python?.call(calls);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(calls / (await ourTurn()));
    if (python) theirs.push(calls / (await python.call(calls)));
  }
  return { ours, theirs };
}

/** 21 reads of seven joints and the tip, one by one and as one batch, taking turns. */
async function benchBatch(client: RemoteApiClient, rounds: number, repeats: number) {
  const sim = await client.require('sim');
  const joints = await Promise.all(JOINTS.map(path => sim.getObject(path)));
  const names = ['sim.getJointPosition', 'sim.getJointVelocity', 'sim.getJointTargetVelocity'];
  const reads: BatchCall[] = joints.flatMap(joint => names.map((name): BatchCall => [name, joint]));
  const oneByOne: number[] = [];
  const batch: number[] = [];
  for (let warmUp = 0; warmUp < 10 * repeats; warmUp++) await client.batch(reads);
  for (let round = 0; round < rounds; round++) {
    const plain = await seconds(async () => {
      for (let i = 0; i < repeats; i++) for (const [name, ...args] of reads) await client.call(name, args);
    });
    const together = await seconds(async () => {
      for (let i = 0; i < repeats; i++) {
        const failed = (await client.batch(reads)).find(result => !result.ok);
        if (failed && !failed.ok) throw failed.error;
      }
    });
    oneByOne.push((plain / repeats) * 1e6);
    batch.push((together / repeats) * 1e6);
  }
  return { oneByOne, batch };
}

/** A step as programs without a lane make it: targets, one step, and every read that a full state takes. */
async function stepCallByCall(sim: Sim, handles: Awaited<ReturnType<typeof findHandles>>, velocity: number) {
  let calls = 0;
  const count = <T>(result: Promise<T>): Promise<T> => {
    calls++;
    return result;
  };
  for (const joint of handles.joints) await count(sim.setJointTargetVelocity(joint, velocity));
  for (const finger of handles.fingers) await count(sim.setJointTargetVelocity(finger, -0.1));
  await count(sim.step());
  for (const joint of handles.joints) {
    await count(sim.getJointPosition(joint));
    await count(sim.getJointVelocity(joint));
  }
  for (const finger of handles.fingers) await count(sim.getJointPosition(finger));
  for (const object of handles.objects) await count(sim.getObjectPose(object));
  const target = handles.objects.at(-1) as number; // There are five.
  for (let i = 0; ; i++) {
    const [objects] = (await count(sim.getContactInfo(sim.handle_all, target, i))) ?? [];
    if (!Array.isArray(objects) || objects.length === 0) break;
  }
  await count(sim.getSimulationTime());
  return calls;
}

async function findHandles(sim: Sim) {
  const find = (paths: readonly string[]) => Promise.all(paths.map(path => sim.getObject(path)));
  const grippers = await Promise.all(GRIPPER.map(path => sim.getObject(path, { noError: true })));
  const gripper = grippers.find(handle => handle >= 0) ?? (await sim.getObject(GRIPPER[0] as string)); // There are two.
  return { joints: await find(JOINTS), fingers: await find(FINGERS), objects: [gripper, ...(await find(READ))] };
}

/** Something that makes so many steps when told, and says how long they took, s. */
interface Stepper {
  turn(steps: number): Promise<number>;
  close(): Promise<void>;
}

async function openCallByCall(client: RemoteApiClient): Promise<Stepper & { readonly callsPerStep: number }> {
  const sim = await client.require('sim');
  const handles = await findHandles(sim);
  await sim.setStepping(true);
  await sim.startSimulation();
  const callsPerStep = await stepCallByCall(sim, handles, 0.1);
  let velocity = 0.1;
  return {
    callsPerStep,
    turn: steps =>
      seconds(async () => {
        velocity = -velocity;
        for (let i = 0; i < steps; i++) await stepCallByCall(sim, handles, velocity);
      }),
    async close() {
      await sim.stopSimulation(true);
      await sim.setStepping(false);
    },
  };
}

async function openFastLane(address: string): Promise<Stepper> {
  const simulator = await createCoppeliaSimSimulator({ address });
  await simulator.reset({
    jointPositions: [0, -Math.PI / 2, 0, 0, 0, 0, 0],
    target: { position: [0.35, 0.025, 0.775], orientation: [0, 0, 0, 1] },
  });
  const velocities = new Float64Array(7).fill(0.1);
  return {
    turn: steps =>
      seconds(async () => {
        for (let i = 0; i < 7; i++) velocities[i] = -(velocities[i] as number); // There are seven.
        for (let i = 0; i < steps; i++)
          await simulator.step({ arm: { kind: 'joint_velocity', velocities }, gripperVelocity: -0.1 });
      }),
    close: () => simulator.close(),
  };
}

/** Whole steps both ways, in turns where each has a simulator of its own, else one after the other. */
async function benchSteps(client: RemoteApiClient, lane: string, rounds: number, steps: number) {
  const fastLane: number[] = [];
  const callByCall: number[] = [];
  const few = Math.max(1, Math.round(steps / 10));
  const turns = async (lane: Stepper | null, plain: Stepper | null) => {
    await lane?.turn(steps);
    await plain?.turn(few);
    for (let round = 0; round < rounds; round++) {
      if (lane) fastLane.push(steps / (await lane.turn(steps)));
      if (plain) callByCall.push(few / (await plain.turn(few)));
    }
  };
  const plain = await openCallByCall(client);
  if (lane === client.address) {
    await turns(null, plain);
    await plain.close();
    const alone = await openFastLane(lane);
    await turns(alone, null);
    await alone.close();
  } else {
    const beside = await openFastLane(lane);
    await turns(beside, plain);
    await beside.close();
    await plain.close();
  }
  return { fastLane, callByCall, callsPerStep: plain.callsPerStep };
}

/**
 * How fast a simulator is driven: a call at a time beside CoppeliaSim's official Python client in the same run, many
 * calls as one batch, and whole environment steps through the fast lane and call by call.
 */
export async function run(options: BridgeBenchOptions = {}): Promise<BridgeBenchResult> {
  const { coppeliasim, pythons = ['python3'], rounds = 25, calls = 600 } = options;
  const steps = Math.max(1, Math.round(calls / 6));
  // One for each way of stepping, so that they can take turns.
  const servers = coppeliasim === undefined ? await Promise.all([startServer(), startServer()]) : [];
  const [address = '', lane = ''] =
    servers.length > 0 ? servers.map(server => server.address) : [coppeliasim, coppeliasim];
  const client = await connectRemoteApi({ address });
  let python: PythonClient | null = null;
  try {
    for (const program of pythons) python ??= await PythonClient.start(program, address, JOINTS[0] as string);
    const oneCall = await benchCalls(client, python, rounds, calls);
    const reads = await benchBatch(client, rounds, Math.max(1, Math.round(calls / 21)));
    python?.close();
    const { fastLane, callByCall, callsPerStep } = await benchSteps(client, lane, rounds, steps);
    const round = (value: number) => Number(value.toPrecision(4));
    return {
      processor: cpus()[0]?.model ?? 'unknown',
      node: process.version,
      server: coppeliasim === undefined ? 'embedded simulator, served' : `CoppeliaSim at ${address}`,
      callsPerSecond: {
        ours: round(median(oneCall.ours)),
        python: python === null ? null : round(median(oneCall.theirs)),
      },
      ratioToPython:
        python === null ? null : round(median(oneCall.ours.map((rate, i) => rate / (oneCall.theirs[i] as number)))),
      reads21: { oneByOne: round(median(reads.oneByOne)), batch: round(median(reads.batch)) },
      ratioOfBatch: round(median(reads.oneByOne.map((time, i) => time / (reads.batch[i] as number)))),
      stepsPerSecond: {
        fastLane: round(median(fastLane)),
        callByCall: round(median(callByCall)),
        callsPerStep,
      },
      ratioOfFastLane: round(median(fastLane.map((rate, i) => rate / (callByCall[i] as number)))),
      ...(python === null
        ? {
            note: `No rival: none of ${pythons.join(', ')} has CoppeliaSim's official client. Install coppeliasim-zmqremoteapi-client with pip, and name that Python with --python.`,
          }
        : {}),
    };
  } finally {
    python?.close();
    await client.close();
    for (const server of servers) server.close();
  }
}

/** The user's own Python, or the one with the official client that the tests make for themselves. */
async function knownPythons(): Promise<string[]> {
  const made = await pythonWithClient();
  return 'python' in made ? ['python3', made.python] : ['python3'];
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean' },
      coppeliasim: { type: 'string' },
      python: { type: 'string' },
      rounds: { type: 'string', default: '25' },
    },
  });
  const result = await run({
    rounds: Number(values.rounds),
    ...(values.coppeliasim === undefined ? {} : { coppeliasim: values.coppeliasim }),
    pythons: values.python === undefined ? await knownPythons() : [values.python],
  });
  if (result.note) console.error(result.note);
  console.log(JSON.stringify(result, null, values.json ? 0 : 2));
}
