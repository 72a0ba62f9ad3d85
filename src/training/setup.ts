import { NStepAccumulator, type Policy, ReplayBuffer } from '../agents/index.ts';
import { isScarce, openSimulator, type Simulator, shareSimulator } from '../bridge/index.ts';
import { UsageError } from '../common/errors.ts';
import { Random } from '../common/random.ts';
import { createEngine, type Engine } from '../engine/index.ts';
import {
  type Box,
  type Env,
  flatSize,
  makeEnv,
  NormalizedActions,
  SawyerEnv,
  type SimulatorFactory,
  type Space,
  unwrapped,
} from '../envs/index.ts';
import { type Algorithm, isPolicyModule, loadAlgorithm, type OffPolicyAlgorithm } from './algorithms.ts';
import type { TrainConfig } from './config.ts';
import { Learner } from './learner.ts';
import type { TrainingLoop } from './training-loop.ts';

/** What a training consists of. */
export interface TrainingParts {
  readonly evaluationEnv: Env<Box, Box>;
  readonly engine: Engine;
  readonly policy: Policy;
  readonly learner: TrainingLoop;
  readonly seeds: EvaluationSeeds;
  /** Which simulator was opened, for people. */
  readonly simulator: string;
  close(): Promise<void>;
}

/** Where the episodes of each kind of evaluation begin; apart from each other and from training. */
export interface EvaluationSeeds {
  readonly periodic: number;
  readonly confirmation: number;
  readonly final: number;
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
  const algorithm = findAlgorithm(config.algorithm);
  const root = new Random(config.seed);
  const policyRandom = root.fork();
  const learnerRandom = root.fork();
  const seeds = { periodic: root.uint32(), confirmation: root.uint32(), final: root.uint32() };
  const opened: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(thing: T): T => {
    opened.push(thing);
    return thing;
  };
  const close = async () => {
    for (const thing of opened.splice(0).reverse()) await thing.close();
  };
  try {
    const simulator = sharedSimulator(config);
    const env = keep(await openEnv(config, { open: simulator, around }));
    const evaluationEnv = keep(await openEnv(config, { open: simulator }));
    const { backend, device, threads } = config;
    const engine = keep(await createEngine({ backend, device, threads }));
    const sizes = { observationSize: flatSize(env.observationSpace), actionSize: flatSize(env.actionSpace) };
    const policy = keep(
      await algorithm.create({ ...sizes, engine, random: policyRandom, options: config.agentOptions }),
    );
    const replay = new ReplayBuffer({ ...sizes, capacity: config.bufferCapacity });
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
    });
    return { evaluationEnv, engine, policy, learner, seeds, simulator: describeSimulator(env), close };
  } catch (error) {
    await close();
    throw error;
  }
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
export async function openEnv(
  config: Pick<TrainConfig, 'env' | 'envOptions' | 'simulator' | 'simulatorOptions'>,
  { open, around }: SimulatorAccess = {},
): Promise<Env<Box, Box>> {
  const { simulator, simulatorOptions } = config;
  const env = await makeEnv(config.env, config.envOptions, {
    simulator: open ?? simulator,
    simulatorOptions,
    ...(around === undefined ? {} : { around }),
  });
  if (!hasBoxes(env)) {
    await env.close();
    throw new UsageError(
      `${config.env} cannot be learned by this algorithm: it needs boxes as observation and action space, but has ${env.observationSpace.kind} and ${env.actionSpace.kind}.`,
    );
  }
  const { low, high } = env.actionSpace;
  return low.every(x => x === -1) && high.every(x => x === 1) ? env : new NormalizedActions(env);
}

/** Name, version and whereabouts of an environment's simulator, as far as it has any. */
export function describeSimulator(env: Env<Box, Box>): string {
  const inner = unwrapped(env as unknown as Env); // Only looked at, whatever its spaces are.
  if (!(inner instanceof SawyerEnv)) return '';
  const { name, version, origin } = inner.simulator;
  return `${name}${version === undefined ? '' : ` ${version}`}${origin === undefined ? '' : `, ${origin}`}`;
}

function hasBoxes(env: Env<Space, Space>): env is Env<Box, Box> {
  return env.observationSpace.kind === 'box' && env.actionSpace.kind === 'box';
}
