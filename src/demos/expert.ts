import { isGrasped, padsDistance } from '../envs/controllers/auto-grasp.ts';
import { facingDown, handYaw } from '../envs/controllers/tip-displacement.ts';
import type { SawyerEnv } from '../envs/sawyer-env.ts';
import { type Block, yawError } from '../envs/tasks/target.ts';

/** The pads' centre from the tip along the fingers, m. */
const PADS_FROM_TIP = 0.103;
/** The tip this far above its grasping height clears the block, m. */
const CLEARANCE = 0.075;
/** Nearer than this sideways (m) and turned less than this (rad), the hand may come down all the way. */
const ALIGNED = { sideways: 0.012, yaw: 0.12 } as const;

interface Approach {
  readonly position: readonly [number, number, number];
  /** Heading of the fingers, rad. */
  readonly yaw: number;
}

/** Where the tip should go next: above the block while it is not aligned, down over it once it is. */
function approach(env: SawyerEnv, block: Block): Approach {
  const { state } = env;
  const [x, y, z] = state.target.position;
  const error = yawError(state, block);
  const sideways = Math.hypot(x - state.tip.position[0], y - state.tip.position[1]);
  const misaligned = Math.max(0, sideways - ALIGNED.sideways) * 6 + Math.max(0, Math.abs(error) - ALIGNED.yaw) * 1.5;
  const height = z + PADS_FROM_TIP + Math.min(CLEARANCE, misaligned);
  return { position: [x, y, height], yaw: handYaw(state.tip.orientation) + error };
}

/** Acts in an environment's own units, from the simulator's state. */
export type Expert = () => Float32Array;

/**
 * Waypoint expert for `joint_velocity`: solves for the joint angles of the approach, by whichever way of turning the
 * hand takes the slowest joint least time, and sends every joint there as fast as the action space allows.
 */
export function jointVelocityExpert(env: SawyerEnv, block: Block): Expert {
  return () => {
    const { position, yaw } = approach(env, block);
    const { kinematics, controlPeriod } = env.simulator;
    const now = env.state.jointPositions;
    let best: Float64Array | null = null;
    let least = Infinity;
    for (const turns of [0, 1, -1]) {
      const angles = kinematics.solve({ position, orientation: facingDown(yaw + turns * block.symmetry) }, now);
      const furthest = angles?.reduce((most, angle, j) => Math.max(most, Math.abs(angle - (now[j] as number))), 0);
      if (angles && furthest !== undefined && furthest < least) {
        best = angles;
        least = furthest;
      }
    }
    return Float32Array.from(best ?? now, (angle, j) => {
      const limit = env.actionSpace.high[j] as number;
      return Math.max(-limit, Math.min(limit, (angle - (now[j] as number)) / controlPeriod));
    });
  };
}

/** Waypoint expert for an environment whose actions are tip displacements, a turn and the gripper. */
export function tipDisplacementExpert(env: SawyerEnv, block: Block): Expert {
  const bounds = env.actionSpace.high;
  const clip = (value: number, i: number) => Math.max(-(bounds[i] as number), Math.min(bounds[i] as number, value));
  return () => {
    const { state } = env;
    const grasped = isGrasped(state);
    const { position, yaw } = approach(env, block);
    const wanted = position.map((goal, i) => goal - (state.tip.position[i] as number));
    if (grasped) {
      wanted[0] = 0;
      wanted[1] = 0;
      wanted[2] = 0.03;
    }
    const turn = grasped ? 0 : yaw - handYaw(state.tip.orientation);
    const close = grasped || padsDistance(state) < 0.015;
    return Float32Array.from([...wanted, turn, close ? -1 : 1], clip);
  };
}
