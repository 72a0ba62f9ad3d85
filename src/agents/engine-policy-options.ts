import * as z from 'zod';
import { parseOptions } from '../common/options.ts';
import type { RolloutSpec } from './policy.ts';

const positive = z.number().positive();
const count = z.int().positive();

/** What every policy made of losses can be told. */
const shape = {
  /** γ, the discount of one step. */
  gamma: z.number().min(0).max(1),
  /** Adam's. */
  learningRate: positive,
  /** Whether the rate falls to zero as training goes on. */
  learningRateDecay: z.enum(['none', 'linear']),
  /** Hidden layers of actor and critic. */
  hidden: z.array(count),
  activation: z.enum(['relu', 'tanh']),
  /** Passes over each batch. */
  epochs: count,
  /** Rows of a mini-batch: one step of the optimizer each. */
  miniBatchSize: count,
  timestepsPerBatch: count,
  environments: count,
  /** 0: no limit of its own. */
  maxTimestepsPerEpisode: z.int().min(0),
  completeEpisodes: z.boolean(),
  /** The gradient is scaled down to this norm; 0: never. */
  maxGradientNorm: z.number().min(0),
  normalizeObservations: z.boolean(),
  /** Whether there is a critic. */
  valueFunction: z.boolean(),
  /** Continuous actions: the logarithm of the deviation, to begin with or for good. */
  logStandardDeviation: z.number(),
  learnedStandardDeviation: z.boolean(),
  recurrent: z.enum(['none', 'gru', 'lstm']),
  recurrentSize: count,
  /** With memory: steps that gradients go back in time. */
  sequenceLength: count,
};

export type EnginePolicyOptions = z.output<z.ZodObject<typeof shape>>;

const DEFAULTS: EnginePolicyOptions = {
  gamma: 0.99,
  learningRate: 3e-4,
  learningRateDecay: 'none',
  hidden: [64, 64],
  activation: 'tanh',
  epochs: 1,
  miniBatchSize: 2048,
  timestepsPerBatch: 2048,
  environments: 1,
  maxTimestepsPerEpisode: 0,
  completeEpisodes: false,
  maxGradientNorm: 0,
  normalizeObservations: false,
  valueFunction: false,
  logStandardDeviation: 0,
  learnedStandardDeviation: true,
  recurrent: 'none',
  recurrentSize: 64,
  sequenceLength: 16,
};

/** An option of a policy's own: what its default is, it must be. */
function likeDefault(value: unknown): z.ZodType {
  if (typeof value === 'number') return z.number();
  if (typeof value === 'boolean') return z.boolean();
  if (typeof value === 'string') return z.string();
  return z.unknown();
}

/**
 * A policy's options: the common ones and its own, with its defaults filled in.
 *
 * @param defaults values of the policy's own options, and of common ones that should be others than usual
 * @param schema finer checks of its own options; without one a value must be of its default's type
 * @throws UsageError naming each option that is unknown or wrong
 */
export function resolveEnginePolicyOptions<O extends object>(
  name: string,
  defaults: O,
  schema: Readonly<Record<string, z.ZodType>>,
  given: unknown,
): EnginePolicyOptions & O {
  const own = Object.fromEntries(
    Object.entries(defaults)
      .filter(([key]) => !(key in shape))
      .map(([key, value]) => [key, schema[key] ?? likeDefault(value)]),
  );
  const parsed = parseOptions(z.strictObject({ ...shape, ...own }).partial(), given, name);
  const chosen = Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined));
  // Common options were checked against their schema, its own against theirs.
  return { ...DEFAULTS, ...defaults, ...chosen } as EnginePolicyOptions & O;
}

/** How a policy with such options wants its rollouts. */
export function rolloutSpec(options: EnginePolicyOptions): RolloutSpec {
  const { timestepsPerBatch, environments, maxTimestepsPerEpisode, completeEpisodes } = options;
  return {
    timestepsPerBatch,
    environments,
    maxTimestepsPerEpisode: maxTimestepsPerEpisode === 0 ? undefined : maxTimestepsPerEpisode,
    completeEpisodes,
  };
}
