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

/** The simulator cannot be used any more as it is: it must be started, or connected to, anew. The episode is lost. */
export class SimulatorLostError extends EnvironmentError {}

/** The simulator did not answer in time. */
export class SimulatorTimeoutError extends SimulatorLostError {}

/** What came over the wire is not what the protocol allows: damaged, too large, too deep, of another kind. */
export class MessageError extends SimulatorLostError {}

/** The simulator speaks another version of the protocol. */
export class ProtocolVersionError extends EnvironmentError {}

/** The scene in the simulator lacks an object that the scene file names. */
export class SceneObjectNotFoundError extends SceneError {}

/** The simulator could not be found, or could not be started. */
export class SimulatorStartError extends EnvironmentError {}
