/** Lower and upper end of an interval. */
export type Interval = readonly [low: number, high: number];

/** The 97.5 % point of the standard normal distribution: both tails together leave 95 %. */
const Z_95 = 1.959963984540054;

/**
 * Wilson's score interval for a proportion, 95 % by default: sound at 0 and 100 % too, where the usual one has no width.
 *
 * Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
 */
export function wilsonInterval(successes: number, trials: number, z = Z_95): Interval {
  if (trials === 0) return [0, 1];
  const p = successes / trials;
  const center = (p + (z * z) / (2 * trials)) / (1 + (z * z) / trials);
  const spread = (z / (1 + (z * z) / trials)) * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  // Rounding would put the ends at 0 and 100 % just beside the proportion itself.
  const low = successes === 0 ? 0 : Math.max(0, center - spread);
  const high = successes === trials ? 1 : Math.min(1, center + spread);
  return [low, high];
}

/** Mean, 0 of nothing. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Student's t at 97.5 % for 1 … 30 degrees of freedom; beyond them the normal value is near enough. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** Mean with its 95 % Student interval; without width where there is but one value. */
export function meanInterval(values: readonly number[]): { readonly mean: number; readonly interval: Interval } {
  const center = mean(values);
  const n = values.length;
  if (n < 2) return { mean: center, interval: [center, center] };
  const variance = values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (n - 1);
  const spread = (T_95[n - 2] ?? Z_95) * Math.sqrt(variance / n);
  return { mean: center, interval: [center - spread, center + spread] };
}
