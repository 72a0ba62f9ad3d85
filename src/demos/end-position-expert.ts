import { type Block, type SawyerEnv, yawError } from '../envs/index.ts';
import type { Expert } from './expert.ts';
import { nearestSolution } from './nearest-solution.ts';
import { waypoint } from './waypoint.ts';

/** The controller's fourth number is a rotation divided by this. */
const ROTATION_FACTOR = 5;
/** Part of the way that one control period covers; the controller stops once less than `TOLERANCE` (m) was missing. */
const GAIN = 0.2;
const TOLERANCE = 0.05;

/**
 * The displacement to ask `end_position` for, in all three axes together (m, Σ|·|), to get `wanted`.
 *
 * A way shorter than the tolerance gets one control period, which covers a fifth of it; a longer one ends with
 * nearly four fifths of the tolerance still missing.
 */
function askedFor(wanted: number): number {
  return Math.min(wanted / GAIN, wanted + (1 - GAIN) * TOLERANCE);
}

/** Waypoint expert for `end_position`. */
export function endPositionExpert(env: SawyerEnv, block: Block): Expert {
  return () => {
    const { state } = env;
    const wanted = waypoint(state, block).map((goal, i) => goal - (state.padsCenter[i] as number));
    const way = wanted.reduce((sum, d) => sum + Math.abs(d), 0);
    const turn = (nearestSolution(env, block)?.turn ?? yawError(state, block)) / ROTATION_FACTOR;
    const displacement = wanted.map(d => (way > 0 ? (d * askedFor(way)) / way : 0));
    // A straight line: the whole displacement is scaled to fit.
    const limit = env.actionSpace.high[0] as number;
    const excess = Math.max(1, ...displacement.map(d => Math.abs(d) / limit));
    return Float32Array.of(...displacement.map(d => d / excess), Math.max(-limit, Math.min(limit, turn)));
  };
}
