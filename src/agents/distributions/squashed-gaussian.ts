/** As near to ±1 as an action may come: float32 has nothing between this and 1 whose arctangent would be of use. */
const EDGE = 1 - 2 ** -23;

/**
 * log π(a) of actions a = tanh(u), u ~ N(μ, σ): Σ [log N(u; μ, σ) − log(1 − a²)].
 *
 * Source: Haarnoja et al. 2018, https://arxiv.org/abs/1812.05905, appendix C, equation 26.
 *
 * @param actions `[count, action]`
 * @returns `[count]`
 */
export function squashedGaussianLogProbabilities(
  mean: Float32Array,
  logStandardDeviation: Float32Array,
  actions: Float32Array,
  count: number,
): Float32Array {
  const size = actions.length / count;
  return Float32Array.from({ length: count }, (_, row) => {
    let total = 0;
    for (let i = row * size; i < (row + 1) * size; i++) {
      const action = Math.max(-EDGE, Math.min(EDGE, actions[i] as number));
      const log = logStandardDeviation[i] as number;
      const deviation = (Math.atanh(action) - (mean[i] as number)) / Math.exp(log);
      total -= 0.5 * deviation * deviation + log + 0.5 * Math.log(2 * Math.PI) + Math.log1p(-action * action);
    }
    return total;
  });
}
