import type { Pose, SimulatorState } from '../../bridge/index.ts';
import type { Random } from '../../common/random.ts';
import { rotatedAxis, type Vector3, wrapAngle, yawQuaternion } from '../../common/rotations.ts';
import { handYaw } from '../controllers/tip-displacement.ts';
import type { StartOptions } from './task.ts';

/** Height of the table's top, m. */
export const TABLE_TOP = 0.75;

/** Where targets are put at random, m; the original's. */
export const TARGET_AREA = { x: [0.1, 0.45], y: [-0.3, 0.3] } as const;

/**
 * The arm's joint angles at the start of the original's episodes, rad: the tip looks down from 20 cm above the table.
 * Joint 5 stands 4 mrad from its limit there, and joint 7 can turn only 0.6 rad in one direction.
 */
export const ORIGINAL_JOINTS: readonly number[] = [
  0.001815, -1.422498, 0.704304, 2.543072, 2.972469, -0.498951, 4.10556,
];

/** Above the middle of the area where targets are put, elbow up, all joints far from their limits, rad. */
export const HOME_JOINTS: readonly number[] = [-0.295, -1.005, 0, 1.882, 0, 0.69, 1.3];

/** A block to grasp. */
export interface Block {
  /** Full extents along its own x, y and z, m. */
  readonly size: Vector3;
  /** kg */
  readonly mass: number;
  /** The angle after which a turn about z leaves it as it was for a gripper, rad. */
  readonly symmetry: number;
}

/** The original's block: only its 5 cm side fits between the fingers. */
export const ORIGINAL_BLOCK: Block = { size: [0.05, 0.1, 0.05], mass: 0.25, symmetry: Math.PI };

/** A block that fits both ways. */
export const LIFT_BLOCK: Block = { size: [0.05, 0.05, 0.06], mass: 0.1, symmetry: Math.PI / 2 };

/** Height of a block's centre when it lies on the table, m. */
export function restingHeight(block: Block): number {
  return TABLE_TOP + block.size[2] / 2;
}

/** The target's angle about the world's z axis, rad. */
export function targetYaw(state: SimulatorState): number {
  const [x, y] = rotatedAxis(state.target.orientation, 0);
  return Math.atan2(y, x);
}

/** How far the fingers' direction (the tip's x axis) must turn to grip the block across its x side, rad, signed. */
export function yawError(state: SimulatorState, block: Block): number {
  return wrapAngle(targetYaw(state) - handYaw(state.tip.orientation), block.symmetry);
}

/** How far the hand's z axis leans from straight down: its x and y in the world (sines of the angles). */
export function handTilt(state: SimulatorState): readonly [number, number] {
  const [x, y] = rotatedAxis(state.tip.orientation, 2);
  return [x, y];
}

/** Draws a target pose within the area; every draw is made even where an option or `fixed` decides. */
export function drawTarget(
  random: Random,
  given: StartOptions,
  fixed: { readonly position?: Vector3; readonly yaw?: number },
  height: number,
): Pose {
  const x = random.uniform(...TARGET_AREA.x);
  const y = random.uniform(...TARGET_AREA.y);
  const yaw = random.uniform(-Math.PI / 2, Math.PI / 2);
  const position = (given.targetPosition as Vector3 | undefined) ?? fixed.position ?? [x, y, height];
  return { position, orientation: yawQuaternion(given.targetYaw ?? fixed.yaw ?? yaw) };
}

/** The initial joints, each moved by up to ± `jitter` rad. */
export function drawJoints(random: Random, joints: ArrayLike<number>, jitter: number): Float64Array {
  return Float64Array.from(joints, angle => angle + random.uniform(-jitter, jitter));
}
