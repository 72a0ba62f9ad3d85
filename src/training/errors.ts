import { GraspbridgeError, UsageError } from '../common/errors.ts';

/** A run of that name is there already. */
export class RunExistsError extends UsageError {}

/** No run, or no checkpoint in it, where one was asked for. */
export class RunNotFoundError extends UsageError {}

/** Another process is training in this run directory. */
export class RunLockedError extends GraspbridgeError {}

/** The folder of a run that was being written was deleted, moved or replaced. */
export class RunGoneError extends GraspbridgeError {}

/** A checkpoint belongs to another run than the one whose folder it is in. */
export class CheckpointMismatchError extends GraspbridgeError {}

/** A run's folder cannot be made or written to. */
export class RunNotWritableError extends GraspbridgeError {}

/** A run's own file (config.json …) cannot be read. */
export class RunDamagedError extends GraspbridgeError {}

/** A checkpoint that is truncated, altered, of another program, or of a version this one does not know. */
export class CheckpointDamagedError extends GraspbridgeError {}

/** A checkpoint could not be written; those written before are as they were. */
export class CheckpointWriteError extends GraspbridgeError {}

/** A loss, an observation or a reward was not finite: training stopped. */
export class TrainingDivergedError extends GraspbridgeError {}

/** An exported file does not compute what the policy computes. */
export class ExportMismatchError extends GraspbridgeError {}

/** A run's demonstrations are not those it began with. */
export class DemonstrationsChangedError extends UsageError {}
