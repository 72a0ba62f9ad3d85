import type { ActionSpec } from '../agents/policy.ts';
import { flatSize, type Space } from '../envs/spaces.ts';

/** An action space as policies see it. */
export function actionSpec(space: Space): ActionSpec {
  return space.kind === 'box' ? { kind: 'box', size: flatSize(space) } : { kind: 'discrete', n: space.n };
}

/**
 * A policy's action as an environment takes it: the integer of a discrete one; numbers brought into [-1, 1], which a
 * Gaussian leaves, as they are otherwise.
 */
export function toEnvAction(space: Space, action: Float32Array): Float32Array | number {
  if (space.kind === 'discrete') return action[0] as number; // An action has at least one number.
  return action.every(value => value >= -1 && value <= 1) ? action : clipActions(action);
}

/** A copy with every number in [-1, 1]; what is no number stays, for the environment to refuse. */
export function clipActions(actions: Float32Array): Float32Array {
  return actions.map(value => Math.max(-1, Math.min(1, value)));
}
