import type { SimulatorState } from '../../src/bridge/simulator.ts';
import { facingDown } from '../../src/envs/controllers/tip-displacement.ts';

/** A state with the hand facing down right over a block at (0.3, 0, 0.775); change what a test is about. */
export function stateWith(changes: Partial<SimulatorState> = {}): SimulatorState {
  const none = { leftPadTarget: false, rightPadTarget: false, leftPadTable: false, rightPadTable: false };
  return {
    time: 0,
    jointPositions: new Float64Array(7),
    jointVelocities: new Float64Array(7),
    tip: { position: [0.3, 0, 0.878], orientation: facingDown(0) },
    gripper: { position: [0.3, 0, 0.855], orientation: facingDown(0) },
    padsCenter: [0.3, 0, 0.775],
    gripperOpening: 0.08,
    target: { position: [0.3, 0, 0.775], orientation: [0, 0, 0, 1] },
    contacts: none,
    targetDetected: false,
    ...changes,
  };
}
