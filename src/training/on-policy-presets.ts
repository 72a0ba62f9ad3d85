import type { Preset, TrainingDefaults } from './presets.ts';

/** What a batch of rollouts learns from is cheap to evaluate rarely: episodes of hundreds of steps are long. */
const ON_POLICY = { steps: 100_000, untilSuccess: 0, evalEvery: 10_000, evalEpisodes: 20, finalEpisodes: 100 } as const;

/** How long a task takes, and how it is evaluated, where it differs: for every on-policy algorithm. */
const TASKS: Readonly<Record<string, Partial<TrainingDefaults>>> = {
  'SawyerReach-v1': { steps: 150_000, evalEvery: 10_000, evalEpisodes: 50, untilSuccess: 0.99, finalEpisodes: 200 },
};

/** What PPO learns each task with, found by trying. */
const PPO: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'CartPole-v1': {
    environments: 8,
    timestepsPerBatch: 256,
    miniBatchSize: 256,
    epochs: 20,
    gamma: 0.98,
    lambda: 0.8,
    learningRate: 1e-3,
    learningRateDecay: 'linear',
  },
  'CartPoleMasked-v1': {
    recurrent: 'gru',
    recurrentSize: 32,
    hidden: [32],
    environments: 8,
    timestepsPerBatch: 1024,
    miniBatchSize: 256,
    epochs: 10,
    gamma: 0.98,
    lambda: 0.9,
    learningRate: 3e-3,
    learningRateDecay: 'linear',
    rewardScale: 0.1,
  },
  'Pendulum-v1': {
    environments: 8,
    timestepsPerBatch: 1024,
    miniBatchSize: 128,
    epochs: 10,
    gamma: 0.95,
    lambda: 0.9,
    learningRate: 1e-3,
    learningRateDecay: 'linear',
    rewardScale: 0.1,
    targetDivergence: 0.02,
  },
  'SawyerReach-v1': {
    environments: 4,
    timestepsPerBatch: 2048,
    miniBatchSize: 256,
    epochs: 10,
    gamma: 0.95,
    lambda: 0.9,
    learningRate: 1e-3,
    learningRateDecay: 'linear',
    logStandardDeviation: -0.5,
    normalizeObservations: true,
  },
};

/** Returns the defaults of an on-policy algorithm in an environment; its own options' where nothing better is known. */
export function onPolicyPreset(
  algorithm: string,
  env: string,
  common: TrainingDefaults,
): Pick<Preset, 'training' | 'agentOptions'> {
  const training = Object.hasOwn(TASKS, env) ? TASKS[env] : {};
  const agentOptions = algorithm === 'ppo' && Object.hasOwn(PPO, env) ? PPO[env] : {};
  return { training: { ...common, ...ON_POLICY, ...training }, agentOptions: agentOptions ?? {} };
}
