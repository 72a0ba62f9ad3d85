/** What comes after a trajectory's last step: 0 where it terminated, else the value of what was observed then. */
export interface TrajectoryValues {
  /** `[steps]` */
  readonly rewards: ArrayLike<number>;
  /** V(s) of each step, `[steps]`. */
  readonly values: ArrayLike<number>;
  readonly lastValue: number;
  readonly gamma: number;
}

/**
 * Generalized advantage estimates of one trajectory:
 *
 *   δₜ = rₜ + γ V(sₜ₊₁) − V(sₜ),  Aₜ = Σₖ (γλ)ᵏ δₜ₊ₖ
 *
 * Source: Schulman et al. 2016, https://arxiv.org/abs/1506.02438, equation 16.
 */
export function generalizedAdvantages(given: TrajectoryValues & { readonly lambda: number }): Float32Array {
  const { rewards, values, lastValue, gamma, lambda } = given;
  const advantages = new Float32Array(rewards.length);
  let next = lastValue;
  let advantage = 0;
  for (let t = rewards.length - 1; t >= 0; t--) {
    const value = values[t] as number;
    advantage = (rewards[t] as number) + gamma * next - value + gamma * lambda * advantage;
    advantages[t] = advantage;
    next = value;
  }
  return advantages;
}

/** Discounted sums of the rewards from each step on, with γ to the power of the steps left times the last value. */
export function rewardsToGo({ rewards, lastValue, gamma }: Omit<TrajectoryValues, 'values'>): Float32Array {
  const sums = new Float32Array(rewards.length);
  let sum = lastValue;
  for (let t = rewards.length - 1; t >= 0; t--) {
    sum = (rewards[t] as number) + gamma * sum;
    sums[t] = sum;
  }
  return sums;
}

/** Numbers as so many standard deviations from their mean; the epsilon keeps equal ones at zero. */
export function standardize(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  const scale = 1 / (Math.sqrt(variance) + 1e-8);
  return values.map(value => (value - mean) * scale);
}
