import type { Pose } from './simulator.ts';

export interface JointLimits {
  /** Lowest angle of each of the seven joints, rad. */
  readonly lower: Float64Array;
  /** Highest angle, rad. */
  readonly upper: Float64Array;
  /** Highest speed, rad/s. */
  readonly velocity: Float64Array;
}

/**
 * Forward and inverse kinematics of the seven-joint arm in the world frame, from the embedded model.
 *
 * The same for every simulator, so that end-effector control behaves alike on all and no simulator needs a plugin.
 */
export interface Kinematics {
  readonly limits: JointLimits;
  /** Angles (rad) with the hand facing down over the table, far from every limit: a good place to start from. */
  readonly home: Float64Array;
  /** Pose of the tip at the given joint angles (rad). */
  tipPose(jointPositions: ArrayLike<number>): Pose;
  /**
   * One step of damped least squares towards a tip pose: joint velocities (rad/s, within the limits, the vector
   * scaled as a whole), drawn towards the `home` angles in the null space.
   */
  velocitiesTowards(jointPositions: ArrayLike<number>, goal: Pose, out: Float64Array): Float64Array;
  /** Joint angles that put the tip at `goal`, or null where none within the limits was found from `start`. */
  solve(goal: Pose, start: ArrayLike<number>): Float64Array | null;
  close(): void;
}
