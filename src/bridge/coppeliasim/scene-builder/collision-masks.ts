/** Which objects touch which: two with the same root where their local masks share a bit, others by their global ones. */
export interface Masks {
  /** Eight bits. */
  readonly local: number;
  /** Eight bits. */
  readonly global: number;
}

const BITS = 8;

/**
 * Masks by which as few pairs as possible collide beside those that should; all of those that should do.
 *
 * A bit makes all its holders collide with one another, so the bits are cliques that cover the pairs; they are found
 * greedily.
 *
 * Source: CoppeliaSim's manual, "Shape dynamics properties", respondable masks.
 *
 * @param trees the root of each object, by object.
 * @returns the masks, and how many pairs collide that should not.
 */
export function assignMasks(
  count: number,
  trees: readonly number[],
  collisions: readonly { readonly links: readonly [number, number] }[],
): { masks: Masks[]; extra: number } {
  const within = collisions.filter(({ links: [a, b] }) => trees[a] === trees[b]);
  const between = collisions.filter(({ links: [a, b] }) => trees[a] !== trees[b]);
  const local = cover(count, within, (a, b) => trees[a] === trees[b]);
  const global = cover(count, between, (a, b) => trees[a] !== trees[b]);
  return {
    masks: Array.from({ length: count }, (_, i) => ({
      local: local.bits[i] as number,
      global: global.bits[i] as number,
    })),
    extra: local.extra + global.extra,
  };
}

/** @param compared whether the mask decides for a pair at all. */
function cover(
  count: number,
  collisions: readonly { readonly links: readonly [number, number] }[],
  compared: (a: number, b: number) => boolean,
): { bits: number[]; extra: number } {
  const key = (a: number, b: number) => (a < b ? a * count + b : b * count + a);
  const wanted = new Set(collisions.map(({ links: [a, b] }) => key(a, b)));
  const open = new Set(wanted);
  const bits = new Array<number>(count).fill(0);
  for (let bit = 0; bit < BITS && open.size > 0; bit++) {
    const members = new Set<number>();
    const last = bit === BITS - 1;
    for (const pair of open) {
      const both = [Math.floor(pair / count), pair % count];
      const fits = both.every(one =>
        [...members, ...both].every(other => one === other || !compared(one, other) || wanted.has(key(one, other))),
      );
      // The last bit must take all that is left, whatever else it makes collide.
      if (last || fits) for (const one of both) members.add(one);
    }
    for (const one of members) (bits[one] as number) |= 1 << bit;
    for (const one of members) for (const other of members) open.delete(key(one, other));
  }
  let extra = 0;
  for (let a = 0; a < count; a++)
    for (let b = a + 1; b < count; b++)
      if (((bits[a] as number) & (bits[b] as number)) !== 0 && compared(a, b) && !wanted.has(key(a, b))) extra++;
  return { bits, extra };
}
