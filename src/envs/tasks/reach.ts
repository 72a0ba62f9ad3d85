import * as z from 'zod';
import type { Kinematics, SimulatorResetOptions, SimulatorState } from '../../bridge/index.ts';
import { parseOptions } from '../../common/options.ts';
import type { Random } from '../../common/random.ts';
import type { Vector3 } from '../../common/rotations.ts';
import type { ControlOutcome } from '../controllers/controller.ts';
import { quantities } from '../quantities.ts';
import { box } from '../spaces.ts';
import { drawJoints, HOME_JOINTS, ORIGINAL_BLOCK, restingHeight, TARGET_AREA } from './target.ts';
import type { Evaluation, StartOptions, Task } from './task.ts';

/** Heights of the goal, m. */
const GOAL_HEIGHT = [0.95, 1.15] as const;
/** The block waits here, out of the way, m. */
const PARKED: Vector3 = [-0.6, 0.4, restingHeight(ORIGINAL_BLOCK)];

const schema = z.strictObject({
  /** `dense` is minus the distance (m × 10), `sparse` −1 a step; both end with the goal. */
  reward: z.enum(['dense', 'sparse']).default('dense'),
  /** The goal is reached within this distance, m. */
  tolerance: z.number().positive().max(0.2).default(0.02),
  /** Each initial joint angle is moved by up to this, rad. */
  startJitter: z.number().min(0).max(0.5).default(0.05),
  maxEpisodeSteps: z.int().positive().default(30),
});

/** Options of `SawyerReach-v1`, complete. */
export type ReachOptions = Readonly<z.output<typeof schema>>;

export function reachOptions(given?: unknown): ReachOptions {
  return parseOptions(schema, given, 'SawyerReach-v1');
}

/** Reaching: the tip to a random point above the table. `reset({ options: { targetPosition } })` sets the point. */
export function reachTask(options: ReachOptions): Task {
  let goal: Vector3 = [0.3, 0, 1];
  const distance = (state: SimulatorState) =>
    Math.hypot(...state.tip.position.map((value, i) => value - (goal[i] as number)));
  return {
    name: 'reach',
    observationSpace: box(-Infinity, Infinity, [6]),
    observationQuantities: [
      ...quantities('m × 4', 'tip_x', 'tip_y', 'tip_z'),
      ...quantities('m × 8', 'tip_to_goal_x', 'tip_to_goal_y', 'tip_to_goal_z'),
    ],
    start(random: Random, _kinematics: Kinematics, given: StartOptions): SimulatorResetOptions {
      const jointPositions = drawJoints(random, HOME_JOINTS, options.startJitter);
      const drawn: Vector3 = [
        random.uniform(...TARGET_AREA.x),
        random.uniform(...TARGET_AREA.y),
        random.uniform(...GOAL_HEIGHT),
      ];
      goal = (given.targetPosition as Vector3 | undefined) ?? drawn;
      return {
        jointPositions: given.jointPositions ?? jointPositions,
        target: { position: PARKED, orientation: [0, 0, 0, 1] },
        marks: [{ position: goal, radius: options.tolerance }],
      };
    },
    /** 6 numbers: tip from the middle of the goals (m × 4), tip → goal (m × 8). */
    observe(state: SimulatorState): Float32Array {
      const [x, y, z] = state.tip.position;
      return Float32Array.of(
        4 * (x - 0.275),
        4 * y,
        4 * (z - 1.05),
        8 * (goal[0] - x),
        8 * (goal[1] - y),
        8 * (goal[2] - z),
      );
    },
    evaluate({ state }: ControlOutcome): Evaluation {
      const remaining = distance(state);
      const success = remaining < options.tolerance;
      const reward = options.reward === 'sparse' ? -1 : -10 * remaining;
      return { reward: success ? 0 : reward, terminated: success, info: { success, distance: remaining } };
    },
  };
}
