import { show } from './check-step.ts';
import type { Space } from './spaces.ts';

/** Returns what is wrong with a space; bounds of actions must be finite. */
export function spaceFaults(space: unknown, name: 'observation' | 'action'): string[] {
  const whole = `the ${name} space`;
  if (typeof space !== 'object' || space === null)
    return [`${whole} must be a Box or a Discrete space, not ${show(space)}.`];
  const given = space as Space; // Each field is checked below.
  if (given.kind === 'discrete')
    return Number.isInteger(given.n) && given.n >= 1
      ? []
      : [`${whole} must have a positive integer as n, not ${show(given.n)}.`];
  if (given.kind !== 'box')
    return [`${whole} must be of kind "box" or "discrete", not ${show((space as Space).kind)}.`];
  const { low, high, shape } = given;
  const faults = [...boundsFaults(low, `low of ${whole}`), ...boundsFaults(high, `high of ${whole}`)];
  if (!Array.isArray(shape) || !shape.every(n => Number.isInteger(n) && n >= 1))
    faults.push(`the shape of ${whole} must be a list of positive integers, not ${show(shape)}.`);
  if (faults.length > 0) return faults;
  const size = shape.reduce((product, n) => product * n, 1);
  if (low.length !== size || high.length !== size)
    return [`${whole} of shape [${shape}] needs ${size} bounds, but low has ${low.length} and high ${high.length}.`];
  for (let i = 0; i < size; i++) {
    const [least, most] = [low[i] as number, high[i] as number];
    if (!(least < most)) faults.push(`number ${i} of ${whole} must have low < high, but has ${least} and ${most}.`);
    else if (name === 'action' && !(Number.isFinite(least) && Number.isFinite(most)))
      faults.push(
        `number ${i} of ${whole} must have finite bounds, but has ${least} and ${most}: policies choose from [-1, 1], which is mapped onto them.`,
      );
  }
  return faults;
}

function boundsFaults(bounds: unknown, name: string): string[] {
  if (!(bounds instanceof Float32Array)) return [`${name} must be a Float32Array, not ${show(bounds)}.`];
  if (bounds.length === 0) return [`${name} must not be empty.`];
  return bounds.some(Number.isNaN) ? [`${name} holds NaN.`] : [];
}
