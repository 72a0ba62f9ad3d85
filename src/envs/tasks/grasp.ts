import type { Kinematics, SimulatorResetOptions, SimulatorState } from '../../bridge/index.ts';
import { EnvironmentError } from '../../common/errors.ts';
import type { Random } from '../../common/random.ts';
import { eulerAngles, type Vector3 } from '../../common/rotations.ts';
import { graspDistance } from '../controllers/auto-grasp.ts';
import type { ControlOutcome } from '../controllers/controller.ts';
import { facingDown, handYaw } from '../controllers/tip-displacement.ts';
import { jointQuantities, type Quantity, quantities } from '../quantities.ts';
import { box } from '../spaces.ts';
import { type GraspOptions, REWARD_WEIGHTS } from './grasp-options.ts';
import {
  drawJoints,
  drawTarget,
  HOME_JOINTS,
  handTilt,
  ORIGINAL_BLOCK,
  ORIGINAL_JOINTS,
  restingHeight,
  targetYaw,
  yawError,
} from './target.ts';
import type { Evaluation, StartOptions, Task } from './task.ts';

/** Where the fixed target is put in the original, m: it drops the last 2.5 cm. */
const FIXED_TARGET: Vector3 = [0.35, 0.025, 0.8];
/** The original drops random targets from here, m. */
const DROP_HEIGHT = 1.0;
/** A target below this fell off the table, m: 10 cm under its place in the scene. */
export const FALLEN = 0.7;
/** Where the tip starts in `end_position`, m. */
const END_POSITION_START: Vector3 = [0.3, 0.1, 0.9];
/** The fingers' heading at the initial joints, rad: a quarter turn away from the side of the fixed block that fits. */
const INITIAL_HEADING = 1.4605;
/** Middle of the area where targets are put, resting, m. */
const AREA_MIDDLE: Vector3 = [0.275, 0, restingHeight(ORIGINAL_BLOCK)];

/** The 17 numbers of the original: joint positions (rad), joint velocities (rad/s), target position (m). */
export function observeJoints(state: SimulatorState): Float32Array {
  const observation = new Float32Array(17);
  observation.set(state.jointPositions, 0);
  observation.set(state.jointVelocities, 7);
  observation.set(state.target.position, 14);
  return observation;
}

/**
 * The same 17 numbers with a centimetre at the hand brought to the order of 0.1, from which networks learn much faster:
 * joint positions from home (rad × 3), joint velocities (rad/s), the target from the middle of its area (m × 12, 10, 10).
 */
export function observeScaledJoints(state: SimulatorState): Float32Array {
  const observation = observeJoints(state);
  const [x, y, z] = state.target.position;
  for (let joint = 0; joint < 7; joint++)
    observation[joint] = 3 * ((state.jointPositions[joint] as number) - (HOME_JOINTS[joint] as number));
  observation[14] = 12 * (x - AREA_MIDDLE[0]);
  observation[15] = 10 * (y - AREA_MIDDLE[1]);
  observation[16] = 10 * (z - AREA_MIDDLE[2]);
  return observation;
}

/** A vector's x and y as seen from a frame turned by `angle` (rad) about the vertical. */
function seenFrom(angle: number, x: number, y: number): readonly [number, number] {
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  return [cosine * x + sine * y, cosine * y - sine * x];
}

/**
 * 22 numbers, all of the order of 1: joint positions 2 to 7 from home (rad), seven joint velocities (rad/s), pads →
 * target seen from the arm's plane (m × 8), the yaw error (rad), the hand's tilt seen from there (× 2), the gripper's
 * opening (0 … 1), pads → target along and across the fingers (m × 10).
 *
 * Turning the whole world about the arm's first, vertical joint changes nothing a grasp depends on. So that joint's
 * angle is left out, and what is seen is seen from the arm: there the joints move the hand alike wherever it points.
 * The yaw error is no sine and cosine, because which way to turn changes abruptly at half the block's symmetry.
 */
export function observeRelative(state: SimulatorState): Float32Array {
  const observation = new Float32Array(22);
  const { jointPositions, padsCenter } = state;
  const target = state.target.position;
  for (let joint = 1; joint < 7; joint++)
    observation[joint - 1] = (jointPositions[joint] as number) - (HOME_JOINTS[joint] as number);
  observation.set(state.jointVelocities, 6);
  const armPlane = jointPositions[0] as number;
  const x = target[0] - padsCenter[0];
  const y = target[1] - padsCenter[1];
  const [radial, tangential] = seenFrom(armPlane, x, y);
  observation[13] = 8 * radial;
  observation[14] = 8 * tangential;
  observation[15] = 8 * (target[2] - padsCenter[2]);
  observation[16] = yawError(state, ORIGINAL_BLOCK);
  const [tiltRadial, tiltTangential] = seenFrom(armPlane, ...handTilt(state));
  observation[17] = 2 * tiltRadial;
  observation[18] = 2 * tiltTangential;
  observation[19] = state.gripperOpening / 0.08;
  const [along, across] = seenFrom(handYaw(state.tip.orientation), x, y);
  observation[20] = 10 * along;
  observation[21] = 10 * across;
  return observation;
}

/**
 * Σ |tip orientation − (π, 0, target yaw)| in Euler angles (rad), as the original computes it: angles near ±π jump by
 * 2π, and a block turned by ψ asks for a hand turned by −ψ.
 */
export function originalOrientationError(state: SimulatorState): number {
  const [alpha, beta, gamma] = eulerAngles(state.tip.orientation);
  return Math.abs(alpha - Math.PI) + Math.abs(beta) + Math.abs(gamma - eulerAngles(state.target.orientation)[2]);
}

/** The same idea without the jumps (rad): how far the hand leans along both axes, and its yaw error over the symmetry. */
export function orientationError(state: SimulatorState): number {
  const [tiltX, tiltY] = handTilt(state);
  return Math.abs(Math.asin(tiltX)) + Math.abs(Math.asin(tiltY)) + Math.abs(yawError(state, ORIGINAL_BLOCK));
}

/**
 * The reward, in the original's order: +10 if held; minus the distance; if the target fell, −10 instead of all that;
 * then in any case minus the orientation error × its weight; −1 where a pad touches the table.
 */
export function graspReward(outcome: ControlOutcome, options: GraspOptions): number {
  const { held, acted, state } = outcome;
  const weights = REWARD_WEIGHTS[options.reward];
  const fallen = state.target.position[2] < FALLEN;
  const original = options.preset === 'original';
  let reward = held ? 10 : 0;
  reward -= weights.distance * graspDistance(acted);
  if (fallen) reward = -10;
  if (weights.orientation > 0)
    reward -= weights.orientation * (original ? originalOrientationError(state) : orientationError(state));
  const { leftPadTable, rightPadTable } = state.contacts;
  if (leftPadTable || (!original && rightPadTable)) reward -= weights.table;
  return reward;
}

/** The joints that put the tip where `end_position` starts, facing down. */
function solveEndPositionStart(kinematics: Kinematics, from: ArrayLike<number>): Float64Array {
  const joints = kinematics.solve({ position: END_POSITION_START, orientation: facingDown(INITIAL_HEADING) }, from);
  if (joints === null)
    throw new EnvironmentError(
      `This simulator's arm cannot bring its tip to (${END_POSITION_START.join(', ')}) m facing down, where an episode of ` +
        'end_position starts. Use the joint_velocity control mode, or give jointPositions in the reset options.',
    );
  return joints;
}

/** What the numbers of the three observations are, in their order. */
function observationQuantities({ observation, preset }: GraspOptions): readonly Quantity[] {
  const velocities = jointQuantities('rad/s', 'velocity');
  if (observation === 'joint' && preset === 'original')
    return [
      ...jointQuantities('rad', 'position'),
      ...velocities,
      ...quantities('m', 'target_x', 'target_y', 'target_z'),
    ];
  if (observation === 'joint')
    return [
      ...jointQuantities('rad × 3', 'position_from_home'),
      ...velocities,
      ...quantities('m × 12', 'target_x'),
      ...quantities('m × 10', 'target_y', 'target_z'),
    ];
  return [
    ...jointQuantities('rad', 'position_from_home', 2),
    ...velocities,
    ...quantities('m × 8', 'pads_to_target_radial', 'pads_to_target_tangential', 'pads_to_target_z'),
    ...quantities('rad', 'yaw_error'),
    ...quantities('× 2', 'hand_tilt_radial', 'hand_tilt_tangential'),
    ...quantities('of 0.08 m', 'gripper_opening'),
    ...quantities('m × 10', 'pads_to_target_along_fingers', 'pads_to_target_across_fingers'),
  ];
}

/** The original's grasp task. See {@link GraspOptions} for its variants. */
export function graspTask(options: GraspOptions): Task {
  const original = options.preset === 'original';
  const size = options.observation === 'joint' ? 17 : 22;
  let endPositionStart: Float64Array | null = null;
  return {
    name: 'grasp',
    observationSpace: box(-Infinity, Infinity, [size]),
    observationQuantities: observationQuantities(options),
    start(random: Random, kinematics: Kinematics, given: StartOptions): SimulatorResetOptions {
      let joints: ArrayLike<number> = options.start === 'original' ? ORIGINAL_JOINTS : HOME_JOINTS;
      if (options.controlMode === 'end_position') {
        endPositionStart ??= solveEndPositionStart(kinematics, joints);
        joints = endPositionStart;
      }
      const jointPositions = drawJoints(random, joints, options.startJitter);
      const height = original ? DROP_HEIGHT : restingHeight(ORIGINAL_BLOCK);
      const fixedHeight = original ? FIXED_TARGET[2] : height;
      const target = drawTarget(
        random,
        given,
        {
          ...(options.target === 'fixed' ? { position: [FIXED_TARGET[0], FIXED_TARGET[1], fixedHeight] } : {}),
          ...(options.yaw === 'fixed' ? { yaw: 0 } : {}),
        },
        height,
      );
      return { jointPositions: given.jointPositions ?? jointPositions, target };
    },
    observe: options.observation === 'relative' ? observeRelative : original ? observeJoints : observeScaledJoints,
    evaluate(outcome: ControlOutcome): Evaluation {
      const fallen = outcome.state.target.position[2] < FALLEN;
      return {
        reward: graspReward(outcome, options),
        terminated: outcome.held || fallen,
        info: {
          success: outcome.held,
          finished: outcome.held,
          fallen,
          distance: graspDistance(outcome.acted),
          targetYaw: targetYaw(outcome.state),
        },
      };
    },
  };
}
