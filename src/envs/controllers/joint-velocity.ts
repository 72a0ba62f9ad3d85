import type { Simulator, SimulatorState } from '../../bridge/index.ts';
import { jointQuantities } from '../quantities.ts';
import { box } from '../spaces.ts';
import type { Controller, ControlOutcome } from './controller.ts';

/** Seven joint velocities (rad/s, each within ±`limit`) for one control period; the gripper keeps its width. */
export function jointVelocityController(limit: number): Controller {
  return {
    mode: 'joint_velocity',
    actionSpace: box(-limit, limit, [7]),
    actionQuantities: jointQuantities('rad/s', 'velocity'),
    reset() {},
    async apply(simulator: Simulator, _state: SimulatorState, action: Float32Array): Promise<ControlOutcome> {
      const state = await simulator.step({
        arm: { kind: 'joint_velocity', velocities: action },
        gripperVelocity: 0,
      });
      return { acted: state, state, held: false };
    },
  };
}
