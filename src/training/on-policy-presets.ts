import type { Preset, TrainingDefaults } from './presets.ts';

/** What a batch of rollouts learns from is cheap to evaluate rarely: episodes of hundreds of steps are long. */
const ON_POLICY = { steps: 100_000, untilSuccess: 0, evalEvery: 10_000, evalEpisodes: 20, finalEpisodes: 100 } as const;

interface Choice {
  readonly training?: Partial<TrainingDefaults>;
  readonly agentOptions?: Readonly<Record<string, unknown>>;
}

/** What PPO learns each task with, found by trying. */
const PPO: Readonly<Record<string, Choice>> = {
  'CartPole-v1': {
    agentOptions: {
      environments: 8,
      timestepsPerBatch: 256,
      miniBatchSize: 256,
      epochs: 20,
      gamma: 0.98,
      lambda: 0.8,
      learningRate: 1e-3,
      learningRateDecay: 'linear',
    },
  },
};

/** What suits an algorithm other than sac in an environment; its own defaults where nothing is known to be better. */
export function onPolicyPreset(
  algorithm: string,
  env: string,
  common: TrainingDefaults,
): Pick<Preset, 'training' | 'agentOptions'> {
  const choice = algorithm === 'ppo' ? PPO[env] : undefined;
  return { training: { ...common, ...ON_POLICY, ...choice?.training }, agentOptions: choice?.agentOptions ?? {} };
}
