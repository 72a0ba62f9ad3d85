import { wrapAngle } from '../common/rotations.ts';
import { type Block, handYaw, type SawyerEnv } from '../envs/index.ts';
import type { Expert } from './expert.ts';
import { longestWay, nearestSolution } from './nearest-solution.ts';

/** The last joint turns the hand about its own axis; the others place it. */
const LAST = 6;

/**
 * Waypoint expert for `joint_velocity`: solves for the joint angles of the waypoint, by whichever turn of the hand takes
 * the slowest joint least time, and goes there on a straight line in joint space.
 *
 * Joints 0 to 5 are slowed together, since clipping them one by one tilts and dips the hand. Joint 6 need not wait for
 * them nor they for it, as it only turns the hand about the vertical: it makes up for the heading that the others leave.
 */
export function jointVelocityExpert(env: SawyerEnv, block: Block): Expert {
  const { kinematics, controlPeriod } = env.simulator;
  const limits = env.actionSpace.high;
  const reach = Math.min(...limits.subarray(0, LAST)) * controlPeriod;
  /** The hand's heading at these angles if the last joint were at 0, rad. */
  const heading = (angles: Float64Array) =>
    handYaw(kinematics.tipPose(angles.map((angle, j) => (j === LAST ? 0 : angle))).orientation);
  return () => {
    const now = env.state.jointPositions;
    const goal = nearestSolution(env, block)?.angles;
    if (goal === undefined) return new Float32Array(now.length);
    const share = Math.min(1, reach / longestWay(goal, now, LAST));
    const next = goal.map((angle, j) => (now[j] as number) + share * (angle - (now[j] as number)));
    // The hand looks down, so that the last joint turns it against the world's z axis.
    next[LAST] = (goal[LAST] as number) + wrapAngle(heading(next) - heading(goal));
    return Float32Array.from(next, (angle, j) => {
      const limit = limits[j] as number;
      return Math.max(-limit, Math.min(limit, (angle - (now[j] as number)) / controlPeriod));
    });
  };
}
