import { UsageError } from '../common/errors.ts';
import { suggestion } from '../common/near-match.ts';
import type { Algorithm } from './algorithms.ts';
import type { TrainConfig } from './config.ts';
import { onPolicyPreset } from './on-policy-presets.ts';

/** The options whose defaults depend on what is to be learned, and by which algorithm. */
export const PRESET_KEYS = [
  'steps',
  'untilSuccess',
  'evalEvery',
  'evalEpisodes',
  'confirmEpisodes',
  'finalEpisodes',
  'checkpointEvery',
  'bufferCapacity',
  'randomSteps',
  'updatesPerStep',
] as const satisfies readonly (keyof TrainConfig)[];

/** The part of a configuration that depends on what is to be learned. */
export type TrainingDefaults = Pick<TrainConfig, (typeof PRESET_KEYS)[number]>;

/** The options that an algorithm of this kind does not use. */
export function unusedKeys(kind: Algorithm['kind']): readonly (typeof PRESET_KEYS)[number][] {
  return kind === 'off-policy' ? [] : ['bufferCapacity', 'randomSteps', 'updatesPerStep'];
}

export interface Preset {
  readonly training: TrainingDefaults;
  readonly agentOptions: Readonly<Record<string, unknown>>;
  readonly envOptions: Readonly<Record<string, unknown>>;
}

const OFF_POLICY: TrainingDefaults = {
  steps: 60_000,
  untilSuccess: 0.99,
  evalEvery: 1_000,
  evalEpisodes: 50,
  confirmEpisodes: 200,
  finalEpisodes: 200,
  checkpointEvery: 5_000,
  bufferCapacity: 50_000,
  randomSteps: 500,
  updatesPerStep: 1,
};

/** How one task is learned from a replay buffer. */
interface OffPolicyTask {
  /** How long, and how it is evaluated: for every off-policy algorithm. */
  readonly training?: Partial<TrainingDefaults>;
  /** What suits SAC; everything else is the agent's own default. */
  readonly sac?: { readonly agentOptions: Readonly<Record<string, unknown>>; readonly updatesPerStep?: number };
}

/** Smaller batches and a rate that falls: the most learned a second on one core. */
const FAST = { batchSize: 96, actorInterval: 2, learningRate: 3e-3, learningRateHalving: 6_000, tau: 0.01 };

/** What learns each task fast, found by trying. */
const TASKS: Readonly<Record<string, OffPolicyTask>> = {
  'SawyerGrasp-v1': {
    // A stricter goal on more poses than the final evaluation's, so that luck does not end a training.
    training: { untilSuccess: 0.997, evalEvery: 500, confirmEpisodes: 600 },
    sac: { agentOptions: { ...FAST, gamma: 0.9, targetEntropy: -3.5 }, updatesPerStep: 0.5 },
  },
  // A target entropy below the task's precision keeps the hand trembling, and the block falls.
  'SawyerLift-v1': {
    training: { untilSuccess: 0.99, evalEvery: 500 },
    sac: { agentOptions: { ...FAST, gamma: 0.95, targetEntropy: 0 }, updatesPerStep: 0.5 },
  },
  'SawyerReach-v1': { training: { steps: 20_000 }, sac: { agentOptions: { gamma: 0.9 } } },
  'Pendulum-v1': {
    // Standing says little of how well it was swung up: it goes on to the last step, and the best checkpoint counts.
    training: { steps: 10_000, untilSuccess: 0, evalEpisodes: 20, finalEpisodes: 100 },
    sac: { agentOptions: { gamma: 0.98, targetEntropy: -1 } },
  },
};

/** Lifting rewarded by success alone, for learning from demonstrations: without any it is hardly ever found by chance. */
const SPARSE_LIFT: OffPolicyTask = {
  training: { steps: 15_000, untilSuccess: 0.99, evalEvery: 500 },
  // The reward comes late: what is worth something must be seen from farther than with a dense one.
  sac: { agentOptions: { ...FAST, gamma: 0.97, targetEntropy: 0 }, updatesPerStep: 0.5 },
};

/** Laying the pads flat on the block's sides asks for more precision than touching it, and so for less entropy. */
const FIRM_GRASP: OffPolicyTask = {
  training: { untilSuccess: 0.99, evalEvery: 500, confirmEpisodes: 400 },
  sac: { agentOptions: { ...FAST, gamma: 0.9, nStep: 2, targetEntropy: -7 }, updatesPerStep: 0.5 },
};

/** The original's 17 numbers hide where the hand is: that takes more learning, and a confirmation to be sure of it. */
const SEEN_IN_JOINTS: OffPolicyTask = {
  training: { untilSuccess: 0.98, evalEvery: 500, confirmEpisodes: 400 },
  sac: { agentOptions: { ...FAST, gamma: 0.9, targetEntropy: -3.5 }, updatesPerStep: 0.5 },
};

/** The published training: one update a step, a replay of a million, 60,000 steps, no early end. */
const ORIGINAL: Preset = {
  envOptions: { preset: 'original' },
  agentOptions: { preset: 'original' },
  training: {
    ...OFF_POLICY,
    untilSuccess: 0,
    evalEvery: 5_000,
    checkpointEvery: 10_000,
    bufferCapacity: 1_000_000,
    randomSteps: 0,
  },
};

export const PRESETS: readonly string[] = ['default', 'original'];

/** What is to be learned, and by which algorithm. */
export interface PresetChoice {
  readonly preset: string;
  readonly env: string;
  readonly envOptions: Readonly<Record<string, unknown>>;
  readonly algorithm: string;
  readonly kind: Algorithm['kind'];
}

/**
 * Returns the defaults for an environment and an algorithm: those of the algorithm's kind, then the task's, then what
 * is known to suit the algorithm. Throws UsageError for an unknown preset, or one for another task or algorithm.
 */
export function findPreset({ preset, env, envOptions, algorithm, kind }: PresetChoice): Preset {
  if (preset === 'original') {
    if (algorithm !== 'sac')
      throw new UsageError(`The preset "original" is a training with sac. Leave it out for ${algorithm}.`);
    if (env !== 'SawyerGrasp-v1')
      throw new UsageError(`The preset "original" is the published grasp task's: it needs SawyerGrasp-v1, not ${env}.`);
    return ORIGINAL;
  }
  if (preset !== 'default') throw new UsageError(`There is no preset "${preset}".${suggestion(preset, PRESETS)}`);
  if (kind === 'on-policy') return { envOptions: {}, ...onPolicyPreset(algorithm, env, OFF_POLICY) };
  const { training = {}, sac } = taskOf(env, envOptions);
  const { agentOptions = {}, updatesPerStep = OFF_POLICY.updatesPerStep } = (algorithm === 'sac' ? sac : null) ?? {};
  return { training: { ...OFF_POLICY, ...training, updatesPerStep }, agentOptions, envOptions: {} };
}

function taskOf(env: string, { observation, reward, grip, controlMode }: PresetChoice['envOptions']): OffPolicyTask {
  const task = Object.hasOwn(TASKS, env) ? (TASKS[env] as OffPolicyTask) : {};
  if (env === 'SawyerLift-v1') return reward === 'sparse' ? SPARSE_LIFT : task;
  if (env !== 'SawyerGrasp-v1') return task;
  if (observation === 'joint') return SEEN_IN_JOINTS;
  if (grip === 'firm') return FIRM_GRASP;
  if (controlMode !== 'end_position' || task.sac === undefined) return task;
  // An end-position action has four numbers; the target entropy goes with their count.
  return { ...task, sac: { ...task.sac, agentOptions: { ...task.sac.agentOptions, targetEntropy: -2 } } };
}
