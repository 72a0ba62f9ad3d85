import type { Kinematics } from '../../bridge/kinematics.ts';
import type { SimulatorResetOptions, SimulatorState } from '../../bridge/simulator.ts';
import type { Random } from '../../common/random.ts';
import { eulerAngles, type Vector3 } from '../../common/rotations.ts';
import { graspDistance } from '../controllers/auto-grasp.ts';
import type { ControlOutcome } from '../controllers/controller.ts';
import { facingDown } from '../controllers/tip-displacement.ts';
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
 * 25 numbers, all of the order of 1: joint positions from home (rad), joint velocities (rad/s), the target
 * from the middle of its area (m × 5, 4, 10), the target from the tip (m × 6), sine and cosine of the yaw error over
 * the block's symmetry, the hand's tilt (× 2), the gripper's opening (0 … 1).
 */
export function observeRelative(state: SimulatorState): Float32Array {
  const observation = new Float32Array(25);
  const target = state.target.position;
  const tip = state.tip.position;
  for (let i = 0; i < 7; i++) {
    observation[i] = (state.jointPositions[i] as number) - (HOME_JOINTS[i] as number);
    observation[7 + i] = state.jointVelocities[i] as number;
  }
  observation[14] = 5 * (target[0] - AREA_MIDDLE[0]);
  observation[15] = 4 * (target[1] - AREA_MIDDLE[1]);
  observation[16] = 10 * (target[2] - AREA_MIDDLE[2]);
  for (let i = 0; i < 3; i++) observation[17 + i] = 6 * ((target[i] as number) - (tip[i] as number));
  const error = yawError(state, ORIGINAL_BLOCK) * ((2 * Math.PI) / ORIGINAL_BLOCK.symmetry);
  observation[20] = Math.sin(error);
  observation[21] = Math.cos(error);
  const [tiltX, tiltY] = handTilt(state);
  observation[22] = 2 * tiltX;
  observation[23] = 2 * tiltY;
  observation[24] = state.gripperOpening / 0.08;
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
 * then in any case 0.02 × minus the orientation error; −1 where a pad touches the table.
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

/** The original's grasp task. See {@link GraspOptions} for its variants. */
export function graspTask(options: GraspOptions): Task {
  const original = options.preset === 'original';
  const size = options.observation === 'joint' ? 17 : 25;
  let endPositionStart: Float64Array | null = null;
  return {
    observationSpace: box(-Infinity, Infinity, [size]),
    start(random: Random, kinematics: Kinematics, given: StartOptions): SimulatorResetOptions {
      let joints: ArrayLike<number> = options.start === 'original' ? ORIGINAL_JOINTS : HOME_JOINTS;
      if (options.controlMode === 'end_position') {
        endPositionStart ??= kinematics.solve(
          { position: END_POSITION_START, orientation: facingDown(INITIAL_HEADING) },
          joints,
        );
        joints = endPositionStart ?? joints;
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
    observe: options.observation === 'joint' ? observeJoints : observeRelative,
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
