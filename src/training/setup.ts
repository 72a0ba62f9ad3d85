import { NStepAccumulator, type OnPolicyAlgorithm, type Policy } from '../agents/index.ts';
import { isScarce, openSimulator, type Simulator, shareSimulator } from '../bridge/index.ts';
import { closeAndThrow } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import type { Random } from '../common/random.ts';
import { createEngine, type Engine } from '../engine/index.ts';
import {
  type Box,
  checkRegisteredEnv,
  type Env,
  flatSize,
  makeEnv,
  NormalizedActions,
  SawyerEnv,
  type SimulatorFactory,
  type Space,
  unwrapped,
  VectorEnv,
} from '../envs/index.ts';
import { type Algorithm, listAlgorithms, loadAlgorithm, registeredAlgorithm } from './algorithms.ts';
import type { TrainConfig } from './config.ts';
import { createReplay } from './create-replay.ts';
import { checkLearnsFromTransitions, createWithDemonstrations, type Demonstrations } from './demonstrations/index.ts';
import { actionSpec } from './env-actions.ts';
import { Learner } from './learner.ts';
import { OnPolicyLearner } from './on-policy.ts';
import { OpenThings } from './open-things.ts';
import { type EvaluationSeeds, randomStreams } from './streams.ts';
import type { TrainingLoop } from './training-loop.ts';

/** What a training consists of. */
export interface TrainingParts {
  readonly evaluationEnv: Env<Box, Space>;
  readonly engine: Engine;
  readonly policy: Policy;
  readonly learner: TrainingLoop;
  readonly seeds: EvaluationSeeds;
  /** Which simulator was opened, for people. */
  readonly simulator: string;
  readonly demonstrations?: Demonstrations | null;
  /** The simulator that shows the results of episodes in its window, where that is wanted. */
  readonly window?: Pick<Simulator, 'announce'> | null;
  close(): Promise<void>;
}

/** How an environment gets at its simulator, where not as the configuration says. */
export interface SimulatorAccess {
  readonly open?: SimulatorFactory | undefined;
  readonly around?: ((simulator: Simulator) => Simulator) | undefined;
}

/**
 * Makes environments, engine, policy and replay as the configuration says; all randomness comes from its seed.
 *
 * @param around put around the simulator that is trained on.
 * Throws UsageError where a name or an option is unknown.
 */
export async function setUp(config: TrainConfig, around?: SimulatorAccess['around']): Promise<TrainingParts> {
  const algorithm = await loadAlgorithm(config.algorithm);
  checkLearnsFromTransitions(algorithm, config);
  const { policyRandom, learnerRandom, seeds, demonstrationsRandom } = randomStreams(config.seed);
  const { keep, close } = new OpenThings();
  try {
    const simulator = sharedSimulator(config);
    if (algorithm.kind === 'on-policy') {
      const access = { open: simulator, around };
      return await setUpOnPolicy({ config, algorithm, access, policyRandom, learnerRandom, seeds, keep, close });
    }
    const env = keep(await openEnv(config, { open: simulator, around }));
    const evaluationEnv = keep(await openEnv(config, { open: simulator }));
    const { backend, device, threads } = config;
    const engine = keep(await createEngine({ backend, device, threads }));
    const sizes = { observationSize: flatSize(env.observationSpace), actionSize: flatSize(env.actionSpace) };
    const context = { ...sizes, engine, random: policyRandom, options: config.agentOptions };
    const { policy, demonstrations } = await createWithDemonstrations(
      { algorithm, context, config, env, random: demonstrationsRandom },
      keep,
    );
    const replay = createReplay(sizes, config.bufferCapacity);
    demonstrations?.preload(replay, sizes);
    const { gamma, nStep } = policy.options;
    const accumulator = new NStepAccumulator({ ...sizes, steps: nStep, gamma, buffer: replay });
    const { randomSteps, updatesPerStep, maxEpisodeSteps } = config;
    const learner = new Learner({
      env,
      policy,
      replay,
      accumulator,
      random: learnerRandom,
      randomSteps,
      updatesPerStep,
      maxEpisodeSteps,
      demonstrations,
    });
    const shown = { simulator: describeSimulator(env), window: windowOf(config, env) };
    return { evaluationEnv, engine, policy, learner, seeds, ...shown, demonstrations, close };
  } catch (error) {
    return closeAndThrow(error, close);
  }
}

interface OnPolicySetup {
  readonly config: TrainConfig;
  readonly algorithm: OnPolicyAlgorithm;
  readonly access: SimulatorAccess;
  readonly policyRandom: Random;
  readonly learnerRandom: Random;
  readonly seeds: EvaluationSeeds;
  keep<T extends { close(): Promise<void> }>(thing: T): T;
  close(): Promise<void>;
}

/** The same for an algorithm that learns from rollouts, with as many environments as its policy wants. */
async function setUpOnPolicy(setup: OnPolicySetup): Promise<TrainingParts> {
  const { config, algorithm, access, keep } = setup;
  const { backend, device, threads, maxEpisodeSteps } = config;
  const first = keep(await openAnyEnv(config, access));
  const evaluationEnv = keep(await openAnyEnv(config, { open: access.open }));
  const engine = keep(await createEngine({ backend, device, threads }));
  const policy = keep(
    await algorithm.create({
      observationSize: flatSize(first.observationSpace),
      actions: actionSpec(first.actionSpace),
      engine,
      random: setup.policyRandom,
      options: config.agentOptions,
    }),
  );
  const { environments } = policy.rollout;
  if (environments > 1 && access.open !== undefined)
    throw new UsageError(
      `${config.simulator} can hold one environment, but ${config.algorithm} wants ${environments}. Choose --agent-option environments=1.`,
    );
  const envs = [first];
  // Who watches a training watches the first of them.
  while (envs.length < environments) envs.push(keep(await openAnyEnv(config, { open: access.open })));
  const learner = new OnPolicyLearner({
    envs: new VectorEnv(envs),
    policy,
    random: setup.learnerRandom,
    maxEpisodeSteps,
    totalSteps: config.steps,
  });
  const { seeds, close } = setup;
  const shown = { simulator: describeSimulator(first), window: windowOf(config, first) };
  return { evaluationEnv, engine, policy, learner, seeds, ...shown, close };
}

/**
 * An algorithm's policy for an environment, to act with. Throws UsageError where its options are wrong, or the
 * environment's actions are not of its kind.
 */
export async function createPolicy(
  algorithm: Algorithm,
  { env: id, agentOptions: options }: Pick<TrainConfig, 'env' | 'agentOptions'>,
  env: Env<Box, Space>,
  engine: Engine,
  random: Random,
): Promise<Policy> {
  const observationSize = flatSize(env.observationSpace);
  if (algorithm.kind === 'on-policy')
    return algorithm.create({ observationSize, actions: actionSpec(env.actionSpace), engine, random, options });
  if (env.actionSpace.kind === 'discrete') throw new UsageError(needsNumbers(id, env.actionSpace.n));
  return algorithm.create({ observationSize, actionSize: flatSize(env.actionSpace), engine, random, options });
}

function needsNumbers(env: string, n: number): string {
  const others = listAlgorithms().filter(name => registeredAlgorithm(name).kind === 'on-policy');
  return (
    `${env} cannot be learned by this algorithm: its actions are one of ${n}, where numbers are needed. ` +
    `Algorithms that choose one of several: ${others.join(', ')} (--algo).`
  );
}

/**
 * What opens the configuration's simulator for several environments: one for all of them where it is scarce. They use it
 * in turns, since evaluations are made between the episodes of training and every episode begins with a reset.
 */
function sharedSimulator({ simulator, simulatorOptions }: TrainConfig): SimulatorFactory | undefined {
  if (!isScarce(simulator)) return undefined;
  return shareSimulator(({ size, mass }) => openSimulator(simulator, { ...simulatorOptions, target: { size, mass } }));
}

/**
 * The configuration's environment, with normalized actions.
 *
 * @param access opens its simulator in another way than the configuration says, or puts something around it.
 * Throws UsageError where its spaces are not boxes.
 */
export async function openEnv(config: EnvironmentChoice, access: SimulatorAccess = {}): Promise<Env<Box, Box>> {
  const env = await openAnyEnv(config, access);
  const { actionSpace } = env;
  if (actionSpace.kind === 'box') return env as Env<Box, Box>; // As was just checked.
  return closeAndThrow(new UsageError(needsNumbers(config.env, actionSpace.n)), env);
}

/** The same, whatever its actions are: numbers in [-1, 1], or integers. */
export async function openAnyEnv(
  config: EnvironmentChoice,
  { open, around }: SimulatorAccess = {},
): Promise<Env<Box, Space>> {
  const { simulator, simulatorOptions } = config;
  const env = await makeEnv(config.env, config.envOptions, {
    simulator: open ?? simulator,
    simulatorOptions,
    ...(around === undefined ? {} : { around }),
  });
  if (!observesBox(env)) {
    const error = new UsageError(
      `${config.env} cannot be learned: what it shows is one of ${flatSize(env.observationSpace)} integers, where numbers are needed.`,
    );
    return closeAndThrow(error, env);
  }
  if (env.actionSpace.kind === 'discrete') return env;
  const { low, high } = env.actionSpace;
  const boxed = env as Env<Box, Box>; // As was just checked.
  return low.every(x => x === -1) && high.every(x => x === 1) ? boxed : new NormalizedActions(boxed);
}

/** Steps of an episode that is played to check an environment before it is used. */
const CHECKED_STEPS = 50;

/**
 * Checks an environment that is not this package's own with `checkEnv` before it is used. In another simulator than the
 * embedded one, which takes long to open and need not repeat itself exactly, only what it returns is checked as it is used.
 *
 * Throws EnvContractError with every rule that it breaks.
 */
export async function checkEnvironment(
  { env, envOptions, simulator, simulatorOptions }: EnvironmentChoice,
  onWarning: (message: string) => void,
): Promise<void> {
  if (simulator !== 'mujoco') return;
  await checkRegisteredEnv(
    env,
    envOptions,
    { simulator, simulatorOptions },
    { maxSteps: CHECKED_STEPS, onWarning: message => onWarning(`The environment ${env}: ${message}`) },
  );
}

type EnvironmentChoice = Pick<TrainConfig, 'env' | 'envOptions' | 'simulator' | 'simulatorOptions'>;

/** Name, version and whereabouts of an environment's simulator, as far as it has any. */
export function describeSimulator(env: Env<Box, Space>): string {
  const simulator = simulatorOf(env);
  if (simulator === null) return '';
  const { name, version, origin } = simulator;
  return `${name}${version === undefined ? '' : ` ${version}`}${origin === undefined ? '' : `, ${origin}`}`;
}

/** The simulator behind an environment; null where there is none. */
export function simulatorOf(env: Env<Box, Space>): Simulator | null {
  const inner = unwrapped(env as unknown as Env); // Only looked at, whatever its spaces are.
  return inner instanceof SawyerEnv ? inner.simulator : null;
}

/** Only one that was started to be watched: nobody reads the others. */
function windowOf({ simulatorOptions }: TrainConfig, env: Env<Box, Space>): Simulator | null {
  return simulatorOptions.gui === true ? simulatorOf(env) : null;
}

function observesBox(env: Env<Space, Space>): env is Env<Box, Space> {
  return env.observationSpace.kind === 'box';
}
