import type { Simulator, SimulatorState } from '../../bridge/index.ts';
import type { Quantity } from '../quantities.ts';
import type { Box } from '../spaces.ts';

/** What carrying an action out led to. */
export interface ControlOutcome {
  /** The state after the action, before anything the controller did by itself. */
  readonly acted: SimulatorState;
  /** The state at the end. */
  readonly state: SimulatorState;
  /** Whether a grasp that the controller tried by itself holds the target. */
  readonly held: boolean;
}

/** What an action does over one or more control periods of a simulator. */
export interface Controller {
  /** The control mode's name: `joint_velocity` … */
  readonly mode: string;
  /** Actions in their own units. */
  readonly actionSpace: Box;
  /** What each number of an action is. */
  readonly actionQuantities: readonly Quantity[];
  /** Forgets the last episode. */
  reset(): void;
  /** Carries one action out, starting from `state`. */
  apply(simulator: Simulator, state: SimulatorState, action: Float32Array): Promise<ControlOutcome>;
}
