import type { Kinematics, SimulatorResetOptions, SimulatorState } from '../../bridge/index.ts';
import type { Random } from '../../common/random.ts';
import type { ControlOutcome } from '../controllers/controller.ts';
import type { Info } from '../env.ts';
import type { Quantity } from '../quantities.ts';
import type { Box } from '../spaces.ts';

/** What a task says of one step. */
export interface Evaluation {
  readonly reward: number;
  readonly terminated: boolean;
  readonly info: Info;
}

/** Where an episode starts; a caller may fix any of it through `reset({ options })`. */
export interface StartOptions {
  /** Angles of the seven arm joints, rad. */
  readonly jointPositions?: readonly number[] | undefined;
  /** Where the target (or the goal) is: the position of its centre, m. */
  readonly targetPosition?: readonly number[] | undefined;
  /** The target's angle about the world's z axis, rad. */
  readonly targetYaw?: number | undefined;
}

/**
 * Observation, reward and success over a scene.
 *
 * A task sees nothing but `SimulatorState`, so it is the same on every simulator; what little it remembers within an
 * episode (how long the block has been held, say) is forgotten at `start`.
 */
export interface Task {
  /** What is to be done: `grasp`, `lift` … */
  readonly name: string;
  readonly observationSpace: Box;
  /** What each number of an observation is. */
  readonly observationQuantities: readonly Quantity[];
  /** Draws an episode's start; the same random stream is used whatever is fixed by `options`. */
  start(random: Random, kinematics: Kinematics, options: StartOptions): SimulatorResetOptions;
  /** `[observation]`, a new array. */
  observe(state: SimulatorState): Float32Array;
  /** Judges one action (in its own units, `[action]`) that led to `outcome`. */
  evaluate(outcome: ControlOutcome, action: Float32Array): Evaluation;
}
