import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, dirname } from 'node:path';
import { oneLine } from '../../../common/one-line.ts';
import { CallError } from '../errors.ts';
import { real, reals } from '../values.ts';
import type { Context, RemoteFunctions } from './function.ts';

/** The CoppeliaSim whose remote API this is: 4.10.0, as `sim.intparam_program_version` says it. */
const apiVersion = 41_000;
const apiFullVersion = 4_100_000;
/** `sim.physics_mujoco`: what really moves things here. */
const mujocoEngine = 4;
/** `sim.intparam_idle_fps`: how often CoppeliaSim's loop runs while nothing moves, which programs set; kept for them. */
const idleFps = 26;
const defaultIdleFps = 8;
/** `sim.boolparam_realtime_simulation` and `sim.boolparam_headless` */
const realTime = 25;
const headless = 34;
/** `sim.floatparam_simulation_time_step` and `sim.floatparam_physicstimestep`; what a period consists of. */
const simulationTimeStep = 1;
const physicsTimeStep = 5;
const substeps = 10;
/** Characters of a line that a client logs. */
const longestLine = 500;

const integers: Readonly<Record<number, (context: Context) => number>> = {
  1: () => apiVersion,
  30: () => 0,
  39: () => apiFullVersion,
  8: () => mujocoEngine,
  7: () => substeps,
  24: () => cpus().length,
  /** `sim.intparam_platform`: 0 Windows, 1 macOS, 2 Linux. */
  19: () => ({ win32: 0, darwin: 1 })[process.platform as string] ?? 2,
  34: () => 0,
  52: () => process.pid,
  [idleFps]: ({ stores }) => Number(stores.get('parameter', String(idleFps)) ?? defaultIdleFps),
};

const booleans: Readonly<Record<number, (context: Context) => boolean>> = {
  [headless]: () => true,
  [realTime]: ({ simulation }) => simulation.realTime,
  /** `sim.boolparam_dynamics_handling_enabled` */
  6: () => true,
  /** `sim.boolparam_display_enabled`, `sim.boolparam_exit_request` */
  16: () => false,
  41: () => false,
};

const floats: Readonly<Record<number, (context: Context) => number>> = {
  [simulationTimeStep]: ({ world }) => world.period,
  [physicsTimeStep]: ({ world }) => world.period / substeps,
  3: ({ world }) => world.period / substeps,
  /** `sim.floatparam_rand` */
  0: () => Math.random(),
};

/** `sim.stringparam_scene_path_and_name`, `_scene_path`, `_scene_name`, `_application_path` */
const texts: Readonly<Record<number, (context: Context) => string>> = {
  13: ({ world }) => world.scenePath,
  14: ({ world }) => dirname(world.scenePath),
  15: ({ world }) => basename(world.scenePath),
  0: () => '',
};

/** Named parameters by which this server says what it is. */
const named: Readonly<Record<string, () => string>> = {
  'graspbridge.server': () => `graspbridge ${packageVersion()}, embedded MuJoCo`,
};

function packageVersion(): string {
  const file = new URL('../../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version; // Every package has one.
}

function read<Value>(
  table: Readonly<Record<number, (context: Context) => Value>>,
  parameter: number,
  context: Context,
): Value {
  const value = table[parameter];
  if (!value) throw new CallError('invalid parameter.');
  return value(context);
}

/** For parameters that can only be what they are: setting them to that is fine. */
function assertIs(actual: number | boolean, wanted: number | boolean): readonly unknown[] {
  const same = typeof actual === 'number' ? Math.abs(actual - Number(wanted)) < 1e-9 : actual === wanted;
  if (!same) throw new CallError(`the embedded simulator has ${actual} there and nothing else.`);
  return [1];
}

/** Parameters of the program and of the scene, by number. */
export const parameterFunctions: RemoteFunctions = {
  'sim.getInt32Param': (args, context) => [read(integers, args.integer(0), context)],
  'sim.setInt32Param': (args, context) => {
    const parameter = args.integer(0);
    const wanted = args.integer(1);
    if (parameter !== idleFps) return assertIs(read(integers, parameter, context), wanted);
    if (wanted < 0) throw new CallError('invalid value.');
    context.stores.set('parameter', String(idleFps), wanted);
    return [1];
  },
  'sim.getBoolParam': (args, context) => [read(booleans, args.integer(0), context)],
  'sim.setBoolParam': (args, context) => {
    const parameter = args.integer(0);
    const wanted = args.boolean(1);
    if (parameter !== realTime) return assertIs(read(booleans, parameter, context), wanted);
    context.simulation.realTime = wanted;
    return [1];
  },
  'sim.getFloatParam': (args, context) => [real(read(floats, args.integer(0), context))],
  'sim.setFloatParam': (args, context) => assertIs(read(floats, args.integer(0), context), args.number(1)),
  'sim.getStringParam': (args, context) => [read(texts, args.integer(0), context)],
  /** `sim.arrayparam_gravity` is the only one. */
  'sim.getArrayParam': args => {
    if (args.integer(0) !== 0) throw new CallError('invalid parameter.');
    return [reals([0, 0, -9.81])];
  },
  'sim.getNamedStringParam': (args, { stores }) => {
    const name = args.text(0);
    const value = named[name]?.() ?? stores.get('named', name);
    return value === undefined ? [] : [value];
  },
  'sim.setNamedStringParam': (args, { stores }) => {
    stores.set('named', args.text(0), args.text(1));
    return [1];
  },
  'sim.getIsRealTimeSimulation': (_, { simulation }) => [simulation.realTime],
  /** What is logged goes to whoever serves: there is no status bar here. */
  'sim.addLog': (args, { log }) => {
    const verbosity = args.integer(0);
    log(oneLine(args.text(1), longestLine), verbosity);
    return [];
  },
};
