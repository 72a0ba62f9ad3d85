/** What an object has that touches nothing in particular. */
const DEFAULT = 1;
const SWEEPS = 200;

/**
 * A factor for each object so that their products come as near as can be to each pair's coefficient of friction, which
 * is what Bullet makes of them; as near as can be in ratio.
 *
 * Least squares on the logarithms, solved by coordinate descent: each factor in turn is set to what suits its pairs best.
 */
export function frictionFactors(
  count: number,
  collisions: readonly { readonly links: readonly [number, number]; readonly friction: number }[],
): number[] {
  const pairs = Array.from({ length: count }, () => [] as { other: number; logarithm: number }[]);
  for (const { links, friction } of collisions) {
    const [a, b] = links;
    const logarithm = Math.log(Math.max(friction, 1e-3));
    pairs[a]?.push({ other: b, logarithm });
    pairs[b]?.push({ other: a, logarithm });
  }
  const logarithms = new Array<number>(count).fill(Math.log(DEFAULT));
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (const [i, own] of pairs.entries()) {
      if (own.length === 0) continue;
      const sum = own.reduce((total, { other, logarithm }) => total + logarithm - (logarithms[other] as number), 0);
      logarithms[i] = sum / own.length;
    }
  return logarithms.map(Math.exp);
}
