import { type Block, facingDown, handYaw, type SawyerEnv, yawError } from '../envs/index.ts';
import { PADS_FROM_TIP, waypoint } from './waypoint.ts';

/** One way of reaching the waypoint of the moment. */
export interface Solution {
  /** Joint angles, rad. */
  readonly angles: Float64Array;
  /** How far the hand turns about the vertical, rad. */
  readonly turn: number;
}

/** The largest way among the first `joints` joints, rad. */
export function longestWay(angles: Float64Array, from: Float64Array, joints: number): number {
  let longest = 0;
  for (let j = 0; j < joints; j++) longest = Math.max(longest, Math.abs((angles[j] as number) - (from[j] as number)));
  return longest;
}

/**
 * The waypoint's solution that takes the slowest joint least time, among the turns of the hand that grip the block
 * alike, within the joints' limits; null where there is none.
 */
export function nearestSolution(env: SawyerEnv, block: Block): Solution | null {
  const { state } = env;
  const [x, y, z] = waypoint(state, block);
  const joints = state.jointPositions;
  let nearest: Solution | null = null;
  let least = Infinity;
  for (const turns of [0, 1, -1]) {
    const turn = yawError(state, block) + turns * block.symmetry;
    const orientation = facingDown(handYaw(state.tip.orientation) + turn);
    const angles = env.simulator.kinematics.solve({ position: [x, y, z + PADS_FROM_TIP], orientation }, joints);
    if (angles === null) continue;
    const way = longestWay(angles, joints, joints.length);
    if (way >= least) continue;
    nearest = { angles, turn };
    least = way;
  }
  return nearest;
}
