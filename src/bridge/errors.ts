import { EnvironmentError, GraspbridgeError, UsageError } from '../common/errors.ts';

/** A scene file is missing, malformed, or lacks something that the simulator needs by name. */
export class SceneError extends EnvironmentError {}

/** The physics engine itself could not be loaded. */
export class PhysicsEngineError extends EnvironmentError {}

/** A reset or a command that no simulator can carry out: wrong length, not a number, out of range. */
export class InvalidCommandError extends UsageError {}

/** A simulator was used after `close()`. */
export class SimulatorClosedError extends UsageError {}

/** A snapshot of another simulator, or of another scene. */
export class ForeignSnapshotError extends UsageError {}

/** The simulation left the finite numbers; only a reset or a restore leads back. */
export class SimulationDivergedError extends GraspbridgeError {}
