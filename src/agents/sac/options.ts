import * as z from 'zod';
import { parseOptions } from '../../common/options.ts';

const positive = z.number().positive();
const sizes = z.array(z.int().positive()).min(1);

/** Options of soft actor-critic; those left out come from the preset. */
const schema = z.strictObject({
  preset: z.enum(['default', 'original']).optional(),
  /** γ, the discount of one environment step. */
  gamma: z.number().min(0).max(1).optional(),
  /** n of the n-step returns in the replay buffer. */
  nStep: z.int().positive().optional(),
  batchSize: z.int().positive().optional(),
  /** Adam's, for actor, critics and temperature alike. */
  learningRate: positive.optional(),
  /** Updates after which the learning rate is half, as rate / (1 + t / this); 0 for one that stays. */
  learningRateHalving: z.number().min(0).optional(),
  /** τ: target ← (1 − τ) target + τ critic, after every update. */
  tau: positive.max(1).optional(),
  actorHidden: sizes.optional(),
  criticHidden: sizes.optional(),
  /** Actor and temperature move at every so-manieth update of the critics. */
  actorInterval: z.int().positive().optional(),
  /** How many critics; the smallest of their values counts. */
  critics: z.int().positive().optional(),
  /** Layer normalization in the critics' hidden layers. */
  criticLayerNorm: z.boolean().optional(),
  /** α to begin with. */
  initialTemperature: positive.optional(),
  /** Whether α follows the target entropy; else it stays. */
  automaticTemperature: z.boolean().optional(),
  /** In nats; −|A|/2 (`default`) or −|A| (`original`) where left out. */
  targetEntropy: z.number().optional(),
  logStandardDeviationBounds: z.tuple([z.number(), z.number()]).optional(),
  initialization: z.enum(['lecun', 'torch']).optional(),
  /** The last layers start uniform in ± this. */
  lastLayerBound: positive.optional(),
  /** Reward ← this × (reward − mean) / standard deviation, batch by batch; 0 for rewards as they are. */
  rewardNormalization: z.number().min(0).optional(),
  /** One number of noise for all actions of a batch, instead of one each. */
  sharedNoise: z.boolean().optional(),
});

export type SacOptions = z.input<typeof schema>;

export interface ResolvedSacOptions {
  readonly preset: 'default' | 'original';
  readonly gamma: number;
  readonly nStep: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly learningRateHalving: number;
  readonly tau: number;
  readonly actorHidden: readonly number[];
  readonly criticHidden: readonly number[];
  readonly actorInterval: number;
  readonly critics: number;
  readonly criticLayerNorm: boolean;
  readonly initialTemperature: number;
  readonly automaticTemperature: boolean;
  readonly targetEntropy: number;
  readonly logStandardDeviationBounds: readonly [number, number];
  readonly initialization: 'lecun' | 'torch';
  readonly lastLayerBound: number;
  readonly rewardNormalization: number;
  readonly sharedNoise: boolean;
}

type Preset = Omit<ResolvedSacOptions, 'preset' | 'targetEntropy'> & { readonly entropyPerAction: number };

/** A sound start for any task; what suits each of ours best stands with the training presets. */
const DEFAULT: Preset = {
  gamma: 0.95,
  nStep: 3,
  batchSize: 128,
  learningRate: 1e-3,
  learningRateHalving: 0,
  tau: 0.005,
  actorHidden: [128, 128],
  criticHidden: [128, 128],
  actorInterval: 1,
  critics: 2,
  criticLayerNorm: true,
  initialTemperature: 0.1,
  automaticTemperature: true,
  entropyPerAction: -0.5,
  logStandardDeviationBounds: [-5, 2],
  initialization: 'lecun',
  lastLayerBound: 0.01,
  rewardNormalization: 0,
  sharedNoise: false,
};

/**
 * The agent of the book's chapter on learning in simulation, its habits included: rewards normalized batch by batch
 * and one number of noise for all actions of a batch.
 *
 * Source: https://github.com/deep-reinforcement-learning-book/Chapter16-Robot-Learning-in-Simulation
 */
const ORIGINAL: Preset = {
  gamma: 0.99,
  nStep: 1,
  batchSize: 128,
  learningRate: 3e-4,
  learningRateHalving: 0,
  tau: 0.01,
  actorHidden: [512, 512, 512, 512],
  criticHidden: [512, 512, 512],
  actorInterval: 1,
  critics: 2,
  criticLayerNorm: false,
  initialTemperature: 1,
  automaticTemperature: true,
  entropyPerAction: -1,
  logStandardDeviationBounds: [-20, 2],
  initialization: 'torch',
  lastLayerBound: 3e-3,
  rewardNormalization: 10,
  sharedNoise: true,
};

/** Options with defaults filled in. Throws UsageError naming each option that is unknown or wrong. */
export function resolveSacOptions(given: unknown, actionSize: number): ResolvedSacOptions {
  const { preset = 'default', ...options } = parseOptions(schema, given, 'SAC');
  const { entropyPerAction, ...base } = preset === 'original' ? ORIGINAL : DEFAULT;
  const chosen = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { preset, ...base, targetEntropy: entropyPerAction * actionSize, ...chosen };
}
