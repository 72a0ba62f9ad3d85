import * as z from 'zod';

/** PPO's own options, beside those of every policy made of losses. */
export interface PpoOptions {
  /** ε: the ratio of probabilities counts within 1 ± this. */
  readonly clip: number;
  /** Generalized advantages, or plain rewards-to-go less the value. */
  readonly advantage: 'gae' | 'rewards-to-go';
  /** λ of the generalized advantages. */
  readonly lambda: number;
  readonly normalizeAdvantages: boolean;
  readonly valueCoefficient: number;
  /** The value's change counts within ± this; 0: without limit. */
  readonly valueClip: number;
  readonly entropyCoefficient: number;
  /** A batch is done with once the divergence from the policy that acted is 1.5 × this; 0: never. */
  readonly targetDivergence: number;
  /** Rewards are multiplied by this, so that values are of the size that networks learn well. */
  readonly rewardScale: number;
}

export const PPO_SCHEMA: Readonly<Record<keyof PpoOptions, z.ZodType>> = {
  clip: z.number().positive(),
  advantage: z.enum(['gae', 'rewards-to-go']),
  lambda: z.number().min(0).max(1),
  normalizeAdvantages: z.boolean(),
  valueCoefficient: z.number().min(0),
  valueClip: z.number().min(0),
  entropyCoefficient: z.number().min(0),
  targetDivergence: z.number().min(0),
  rewardScale: z.number().positive(),
};

export const PPO_DEFAULTS: PpoOptions = {
  clip: 0.2,
  advantage: 'gae',
  lambda: 0.95,
  normalizeAdvantages: true,
  valueCoefficient: 0.5,
  valueClip: 0,
  entropyCoefficient: 0,
  targetDivergence: 0,
  rewardScale: 1,
};
