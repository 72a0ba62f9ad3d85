import * as z from 'zod';
import type { Kinematics, SimulatorResetOptions, SimulatorState } from '../../bridge/index.ts';
import { parseOptions } from '../../common/options.ts';
import type { Random } from '../../common/random.ts';
import { isGrasped, padsDistance } from '../controllers/auto-grasp.ts';
import type { ControlOutcome } from '../controllers/controller.ts';
import { handYaw } from '../controllers/tip-displacement.ts';
import { type Quantity, quantities } from '../quantities.ts';
import { box } from '../spaces.ts';
import { FALLEN } from './grasp.ts';
import { drawJoints, drawTarget, HOME_JOINTS, LIFT_BLOCK, restingHeight, yawError } from './target.ts';
import type { Evaluation, StartOptions, Task } from './task.ts';

/** Lifted this far counts as success, m. */
export const LIFTED = 0.05;
/** The pads' centre from the tip along the fingers, m. */
const PADS_FROM_TIP = 0.103;

const schema = z.strictObject({
  /** `dense` rewards coming near, grasping and height; `sparse` is −1 a step and 0 while lifted. */
  reward: z.enum(['dense', 'sparse']).default('dense'),
  target: z.enum(['fixed', 'random']).default('random'),
  /** How many steps in a row the block must be held in the air. */
  holdSteps: z.int().positive().optional(),
  /** Each initial joint angle is moved by up to this, rad. */
  startJitter: z.number().min(0).max(0.5).default(0.05),
  maxEpisodeSteps: z.int().positive().default(50),
});

type Parsed = z.output<typeof schema>;

/** Options of `SawyerLift-v1`, complete. */
export type LiftOptions = Readonly<Omit<Parsed, 'holdSteps'>> & { readonly holdSteps: number };

export function liftOptions(given?: unknown): LiftOptions {
  const parsed = parseOptions(schema, given, 'SawyerLift-v1');
  return { ...parsed, holdSteps: parsed.holdSteps ?? (parsed.reward === 'sparse' ? 5 : 1) };
}

/** How far the block's centre is above its place on the table, m. */
export function liftedHeight(state: SimulatorState): number {
  return state.target.position[2] - restingHeight(LIFT_BLOCK);
}

/**
 * 14 numbers: tip from above the area's middle (m), tip → block's grasp (m × 8, clipped to ±4), sine and cosine of
 * the yaw error over the block's symmetry, opening (0 … 1), the two pads' contacts, height × 15, the hand's heading (rad),
 * the last gripper command (−1 close, 1 open).
 */
export function observeLift(state: SimulatorState, gripperCommand: number): Float32Array {
  const observation = new Float32Array(14);
  const [x, y, z] = state.tip.position;
  const target = state.target.position;
  observation[0] = 4 * (x - 0.275);
  observation[1] = 4 * y;
  observation[2] = 4 * (z - 0.9);
  const grasp = [x, y, z - PADS_FROM_TIP];
  for (let i = 0; i < 3; i++)
    observation[3 + i] = Math.max(-4, Math.min(4, 8 * ((target[i] as number) - (grasp[i] as number))));
  const error = yawError(state, LIFT_BLOCK) * ((2 * Math.PI) / LIFT_BLOCK.symmetry);
  observation[6] = Math.sin(error);
  observation[7] = Math.cos(error);
  observation[8] = state.gripperOpening / 0.08;
  observation[9] = state.contacts.leftPadTarget ? 1 : 0;
  observation[10] = state.contacts.rightPadTarget ? 1 : 0;
  observation[11] = 15 * liftedHeight(state);
  observation[12] = handYaw(state.tip.orientation);
  observation[13] = gripperCommand;
  return observation;
}

/** What the numbers of {@link observeLift} are, in its order. */
const LIFT_QUANTITIES: readonly Quantity[] = [
  ...quantities('m × 4', 'tip_x', 'tip_y', 'tip_z'),
  ...quantities('m × 8', 'tip_to_grasp_x', 'tip_to_grasp_y', 'tip_to_grasp_z'),
  ...quantities('', 'yaw_error_sine', 'yaw_error_cosine'),
  ...quantities('of 0.08 m', 'gripper_opening'),
  ...quantities('', 'left_pad_touches', 'right_pad_touches'),
  ...quantities('m × 15', 'lifted_height'),
  ...quantities('rad', 'hand_heading'),
  ...quantities('', 'last_gripper_command'),
];

/** The dense reward of one step, before the bonus for success. `action` in its own units. */
export function liftReward(state: SimulatorState, action: Float32Array): number {
  const distance = padsDistance(state);
  const height = liftedHeight(state);
  const { leftPadTable, rightPadTable } = state.contacts;
  const yaw = Math.abs(yawError(state, LIFT_BLOCK));
  let effort = 0;
  for (const [i, scale] of [0.03, 0.03, 0.03, 0.3, 1].entries()) effort += ((action[i] as number) / scale) ** 2;
  let reward = 0.15 * (1 - Math.min(1, distance / 0.5)) + 0.1 * (1 - Math.tanh(15 * distance));
  reward += 0.05 * (1 - yaw / (Math.PI / 4));
  if (isGrasped(state)) reward += 0.15 + 0.55 * Math.max(0, Math.min(1, height / 0.08));
  if (leftPadTable || rightPadTable) reward -= 0.1;
  reward -= 0.005 * effort;
  // Closed fingers cannot take the block: keep them open until they are there.
  if (distance > 0.03) reward -= 0.1 * (1 - state.gripperOpening / 0.08);
  return reward - 1;
}

/** Lifting: the block, grasped, 5 cm above its place and held there. */
export function liftTask(options: LiftOptions): Task {
  let gripperCommand = 1;
  let heldSteps = 0;
  return {
    name: 'lift',
    observationSpace: box(-Infinity, Infinity, [14]),
    observationQuantities: LIFT_QUANTITIES,
    start(random: Random, _kinematics: Kinematics, given: StartOptions): SimulatorResetOptions {
      gripperCommand = 1;
      heldSteps = 0;
      const jointPositions = drawJoints(random, HOME_JOINTS, options.startJitter);
      const height = restingHeight(LIFT_BLOCK);
      const fixed = options.target === 'fixed' ? { position: [0.35, 0.025, height] as const, yaw: 0 } : {};
      const target = drawTarget(random, given, fixed, height);
      return { jointPositions: given.jointPositions ?? jointPositions, target };
    },
    observe: state => observeLift(state, gripperCommand),
    evaluate({ state }: ControlOutcome, action: Float32Array): Evaluation {
      gripperCommand = (action[4] as number) < 0 ? -1 : 1;
      const lifted = isGrasped(state) && liftedHeight(state) >= LIFTED;
      heldSteps = lifted ? heldSteps + 1 : 0;
      const success = heldSteps >= options.holdSteps;
      const fallen = state.target.position[2] < FALLEN;
      let reward: number;
      if (options.reward === 'sparse') reward = lifted ? 0 : -1;
      else reward = liftReward(state, action) + (success ? 5 : 0);
      // What a fall costs: all the steps that could still have come.
      if (fallen) reward -= 10;
      return {
        reward,
        terminated: success || fallen,
        info: { success, fallen, grasped: isGrasped(state), height: liftedHeight(state) },
      };
    },
  };
}
