import type { Pose, Simulator, SimulatorState } from '../../bridge/index.ts';
import { multiplyQuaternions, type Vector3, vectorAt, yawQuaternion } from '../../common/rotations.ts';
import { quantities } from '../quantities.ts';
import { box } from '../spaces.ts';
import type { Controller, ControlOutcome } from './controller.ts';

/** Part of the way still to go that each control period aims at. */
const GAIN = 0.2;
/** The way is done when |Δx| + |Δy| + |Δz| is below this, m. */
const TOLERANCE = 0.05;
const MAX_PERIODS = 20;
/** The action's fourth number is a rotation divided by this. */
const ROTATION_FACTOR = 5;
/** Where the gripper may go: the target area, widened; m. Open above. */
const REACH = { x: [0.1 - 0.15, 0.45 + 0.15], y: [-0.3 - 0.15, 0.3 + 0.3], z: 1.0 - 0.3 } as const;

/**
 * End-effector control of the original task: a tip displacement (x, y, z, each within ±`limit` m) and a rotation about
 * the world's z axis (rad / 5), carried out in a closed loop of at most 20 control periods, and one for the rotation.
 * An action that would take the gripper out of the work space leaves the arm where it is for one period.
 */
export function endPositionController(limit: number): Controller {
  return {
    mode: 'end_position',
    actionSpace: box(-limit, limit, [4]),
    actionQuantities: [...quantities('m', 'tip_x', 'tip_y', 'tip_z'), ...quantities('rad / 5', 'turn')],
    reset() {},
    async apply(simulator: Simulator, start: SimulatorState, action: Float32Array): Promise<ControlOutcome> {
      const [dx, dy, dz] = vectorAt(action);
      const turn = action[3] as number;
      const [gx, gy, gz] = start.gripper.position;
      const inside =
        gx + dx > REACH.x[0] &&
        gx + dx < REACH.x[1] &&
        gy + dy > REACH.y[0] &&
        gy + dy < REACH.y[1] &&
        gz + dz > REACH.z;
      const step = (goal: Pose) => simulator.step({ arm: { kind: 'tip_goal', goal }, gripperVelocity: 0 });
      if (!inside) {
        const state = await step(start.tip);
        return { acted: state, state, held: false };
      }
      const [x, y, z] = start.tip.position;
      const goal: Vector3 = [x + dx, y + dy, z + dz];
      const orientation = multiplyQuaternions(yawQuaternion(ROTATION_FACTOR * turn), start.tip.orientation);
      let state = start;
      for (let period = 0; period < MAX_PERIODS; period++) {
        const difference = goal.map((g, i) => g - (state.tip.position[i] as number));
        const position = state.tip.position.map((p, i) => p + GAIN * (difference[i] as number));
        state = await step({ position: vectorAt(position), orientation });
        if (difference.reduce((sum, d) => sum + Math.abs(d), 0) < TOLERANCE) break;
      }
      state = await step({ position: state.tip.position, orientation });
      return { acted: state, state, held: false };
    },
  };
}
