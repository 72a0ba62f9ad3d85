import type { Pose, Simulator, SimulatorState } from '../../bridge/index.ts';
import {
  multiplyQuaternions,
  type Quaternion,
  rotatedAxis,
  type Vector3,
  yawQuaternion,
} from '../../common/rotations.ts';
import { quantities } from '../quantities.ts';
import { box } from '../spaces.ts';
import type { Controller, ControlOutcome } from './controller.ts';

export interface TipDisplacementOptions {
  /** Largest displacement along each axis, m. */
  readonly displacement: number;
  /** Largest rotation about the world's z axis, rad; 0 leaves the number out of the action. */
  readonly rotation: number;
  /** Whether the action ends with a number that closes (< 0) or opens (≥ 0) the gripper. */
  readonly gripper: boolean;
}

/** Finger velocity of an explicit gripper action, m/s. */
const GRIPPER_VELOCITY = 0.25;

/** The rotation by π about the world's x axis: a hand that looks straight down. */
const FACING_DOWN: Quaternion = [1, 0, 0, 0];

/** The hand's heading: the angle of the tip's x axis in the world's x-y plane, rad. */
export function handYaw(orientation: Quaternion): number {
  const [x, y] = rotatedAxis(orientation, 0);
  return Math.atan2(y, x);
}

/** The tip orientation that looks straight down with a heading, rad. */
export function facingDown(yaw: number): Quaternion {
  return multiplyQuaternions(yawQuaternion(yaw), FACING_DOWN);
}

/**
 * End-effector control by displacement: x, y, z (m), then the turn about z (rad) and the gripper where asked for.
 * The goal is the present pose plus the displacement, with the hand kept vertical, for one control period.
 */
export function tipDisplacementController(options: TipDisplacementOptions): Controller {
  const { displacement, rotation, gripper } = options;
  const bounds = [displacement, displacement, displacement];
  if (rotation > 0) bounds.push(rotation);
  if (gripper) bounds.push(1);
  return {
    mode: 'tip_displacement',
    actionQuantities: [
      ...quantities('m', 'tip_x', 'tip_y', 'tip_z'),
      ...quantities('rad', ...(rotation > 0 ? ['turn'] : [])),
      ...quantities('', ...(gripper ? ['gripper'] : [])),
    ],
    actionSpace: box(
      bounds.map(bound => -bound),
      bounds,
    ),
    reset() {},
    async apply(simulator: Simulator, start: SimulatorState, action: Float32Array): Promise<ControlOutcome> {
      const at = (i: number) => action[i] as number;
      const [x, y, z] = start.tip.position;
      const position: Vector3 = [x + at(0), y + at(1), z + at(2)];
      const turn = rotation > 0 ? at(3) : 0;
      const goal: Pose = { position, orientation: facingDown(handYaw(start.tip.orientation) + turn) };
      const close = gripper && at(action.length - 1) < 0;
      const gripperVelocity = gripper ? (close ? -GRIPPER_VELOCITY : GRIPPER_VELOCITY) : 0;
      const state = await simulator.step({ arm: { kind: 'tip_goal', goal }, gripperVelocity });
      return { acted: state, state, held: false };
    },
  };
}
