import type { AdamOptions } from '../engine.ts';
import type { AdamStep } from './kernels.ts';

/** β₁, β₂ and ε where none are given: those of the paper. */
export const ADAM_DEFAULTS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/**
 * What the `count`-th step of Adam needs, with the bias corrections of Kingma and Ba's algorithm 1; counts from 1.
 *
 * @param scale what a schedule multiplies the learning rate by
 */
export function adamStepAt(options: AdamOptions, count: number, scale = 1): AdamStep {
  const { learningRate, beta1, beta2, epsilon, halvingSteps = Infinity } = { ...ADAM_DEFAULTS, ...options };
  const rate = (learningRate / (1 + (count - 1) / halvingSteps)) * scale;
  return {
    step: rate / (1 - beta1 ** count),
    beta1,
    beta2,
    scale: 1 / Math.sqrt(1 - beta2 ** count),
    epsilon,
  };
}
