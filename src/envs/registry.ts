import { openSimulator, type Simulator, simulatorNames } from '../bridge/index.ts';
import { UsageError } from '../common/errors.ts';
import { suggestion } from '../common/near-match.ts';
import { type CheckEnvOptions, checkEnv } from './check-env.ts';
import { ClassicEnv } from './classic-control/classic-env.ts';
import { CLASSIC_CONTROL } from './classic-control/register.ts';
import { autoGrasp, FIRM_GRASP, ORIGINAL_GRASP, PADS_GRASP } from './controllers/auto-grasp.ts';
import { endPositionController } from './controllers/end-position.ts';
import { jointVelocityController } from './controllers/joint-velocity.ts';
import { tipDisplacementController } from './controllers/tip-displacement.ts';
import type { Env } from './env.ts';
import { SawyerEnv } from './sawyer-env.ts';
import type { Box, Space } from './spaces.ts';
import { graspTask } from './tasks/grasp.ts';
import { graspOptions } from './tasks/grasp-options.ts';
import { liftOptions, liftTask } from './tasks/lift.ts';
import { reachOptions, reachTask } from './tasks/reach.ts';
import { type Block, LIFT_BLOCK, ORIGINAL_BLOCK } from './tasks/target.ts';
import { ContractChecks } from './wrappers/contract-checks.ts';
import { NormalizedActions } from './wrappers/normalized-actions.ts';
import { TimeLimit } from './wrappers/time-limit.ts';
import { unwrapped } from './wrappers/wrapper.ts';

/** Opens a simulator whose scene holds this block. */
export type SimulatorFactory = (block: Block) => Promise<Simulator>;

export interface MakeContext {
  /** A simulator's name, or what opens one; `mujoco` by default. */
  readonly simulator?: string | SimulatorFactory;
  /** Options of the simulator that is named, such as the address of a running one. */
  readonly simulatorOptions?: Readonly<Record<string, unknown>>;
  /** Put around the simulator that was opened, such as what lets a viewer watch it. */
  readonly around?: (simulator: Simulator) => Simulator;
}

/** How an environment of one id is made. */
export interface EnvSpec {
  readonly id: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** What an episode is judged by: `success` in the infos of its steps (the default), or its `return`. */
  readonly objective?: 'success' | 'return';
  /** Whether it steps the simulator of the context; true by default. */
  readonly usesSimulator?: boolean;
  /**
   * Makes the environment as users get it: actions of a Box normalized, episodes limited.
   * Throws UsageError for an option it does not know.
   */
  make(options: unknown, context: MakeContext): Promise<Env>;
  /** The options with defaults filled in, as plain data; `{}` where there are none. */
  completeOptions?(options: unknown): Readonly<Record<string, unknown>>;
}

/** The embedded one: what is used if none is named. */
const DEFAULT_SIMULATOR = 'mujoco';

const specs = new Map<string, EnvSpec>();
/** Ids of the environments of this package, which its tests check. */
const own = new Set<string>();

async function open(block: Block, context: MakeContext): Promise<Simulator> {
  const { simulator = DEFAULT_SIMULATOR, simulatorOptions = {}, around = opened => opened } = context;
  if (typeof simulator !== 'string') return around(await simulator(block));
  const target = { size: block.size, mass: block.mass };
  return around(await openSimulator(simulator, { ...simulatorOptions, target }));
}

/** Names that `simulator` may have. */
export function listSimulators(): readonly string[] {
  return simulatorNames;
}

/**
 * Adds an environment under its id. Whoever makes it gets it with every reset and step checked against the contract of
 * `Env`. Throws UsageError where the id is taken.
 */
export function registerEnv(spec: EnvSpec): void {
  if (specs.has(spec.id)) throw new UsageError(`An environment "${spec.id}" is registered already.`);
  specs.set(spec.id, spec);
}

/** All registered environments. */
export function listEnvs(): readonly EnvSpec[] {
  return [...specs.values()];
}

/** The environment's spec. Throws UsageError naming the near match of an unknown id. */
export function envSpec(id: string): EnvSpec {
  const spec = specs.get(id);
  if (spec === undefined) throw new UsageError(`There is no environment "${id}".${suggestion(id, [...specs.keys()])}`);
  return spec;
}

/** What an environment's episodes are judged by; `success` for one that is not registered here. */
export function objectiveOf(id: string): 'success' | 'return' {
  return specs.get(id)?.objective ?? 'success';
}

/**
 * Makes a registered environment; one of your own is checked in every reset and step, and throws EnvContractError for
 * the first that breaks the contract. Throws UsageError for a simulator that was chosen for an environment without one.
 *
 * ```ts
 * const env = await makeEnv('SawyerGrasp-v1', { target: 'fixed' });
 * ```
 */
export function makeEnv(id: string, options: unknown = {}, context: MakeContext = {}): Promise<Env> {
  // Async, so that a wrong id rejects like everything else that goes wrong.
  return Promise.resolve().then(async () => {
    const spec = envSpec(id);
    if (spec.usesSimulator === false) checkNoSimulator(id, context);
    const env = await spec.make(options, context);
    return own.has(id) ? env : new ContractChecks(env, id);
  });
}

function checkNoSimulator(id: string, { simulator = DEFAULT_SIMULATOR, simulatorOptions = {} }: MakeContext): void {
  const options = Object.keys(simulatorOptions);
  if (simulator === DEFAULT_SIMULATOR && options.length === 0) return;
  const given = [typeof simulator === 'string' ? `"${simulator}"` : 'an open one', ...options].join(', ');
  throw new UsageError(`${id} has no simulator, but got one to use (${given}). Leave --simulator and its options out.`);
}

/** Whether an environment is one of this package's own, inside all wrappers: its tests check it. */
export function isOwnEnv(env: Env): boolean {
  const inner = unwrapped(env);
  return inner instanceof SawyerEnv || inner instanceof ClassicEnv;
}

/**
 * Runs `checkEnv` on an environment that is not this package's own, made for it and closed again. Throws EnvContractError
 * with every rule it breaks.
 */
export async function checkRegisteredEnv(
  id: string,
  options: unknown,
  context: MakeContext,
  checks: Omit<CheckEnvOptions, 'name'> = {},
): Promise<void> {
  if (own.has(id)) return;
  await checkEnv(await envSpec(id).make(options, context), { ...checks, name: id });
}

/** Puts the wrappers of a Sawyer environment around it. */
function wrapped(env: SawyerEnv, maxEpisodeSteps: number): Env<Box, Box> {
  return new TimeLimit(new NormalizedActions(env), maxEpisodeSteps);
}

registerEnv({
  id: 'SawyerGrasp-v1',
  summary:
    'Grasp the block; the gripper closes by itself (options: preset, controlMode, grip, reward, target, yaw, observation)',
  completeOptions: graspOptions,
  async make(given, context) {
    const options = graspOptions(given);
    const arm =
      options.controlMode === 'joint_velocity'
        ? jointVelocityController(options.maxJointVelocity)
        : endPositionController(0.1);
    const ours = options.grip === 'firm' ? FIRM_GRASP : PADS_GRASP;
    const controller = autoGrasp(arm, options.preset === 'original' ? ORIGINAL_GRASP : ours);
    const simulator = await open(ORIGINAL_BLOCK, context);
    return wrapped(new SawyerEnv(simulator, controller, graspTask(options)), options.maxEpisodeSteps) as Env<
      Space,
      Space
    >;
  },
});

registerEnv({
  id: 'SawyerLift-v1',
  summary: 'Grasp the block with an explicit gripper and lift it 5 cm (options: reward, target)',
  completeOptions: liftOptions,
  async make(given, context) {
    const options = liftOptions(given);
    const controller = tipDisplacementController({ displacement: 0.03, rotation: 0.3, gripper: true });
    const simulator = await open(LIFT_BLOCK, context);
    return wrapped(new SawyerEnv(simulator, controller, liftTask(options)), options.maxEpisodeSteps) as Env<
      Space,
      Space
    >;
  },
});

registerEnv({
  id: 'SawyerReach-v1',
  summary: 'Bring the tip to a random point (options: reward, tolerance)',
  completeOptions: reachOptions,
  async make(given, context) {
    const options = reachOptions(given);
    const controller = tipDisplacementController({ displacement: 0.03, rotation: 0, gripper: false });
    const simulator = await open(ORIGINAL_BLOCK, context);
    return wrapped(new SawyerEnv(simulator, controller, reachTask(options)), options.maxEpisodeSteps) as Env<
      Space,
      Space
    >;
  },
});

for (const spec of CLASSIC_CONTROL) registerEnv(spec);
for (const id of specs.keys()) own.add(id);
