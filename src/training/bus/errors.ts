import { GraspbridgeError, UsageError } from '../../common/errors.ts';

/** An address that cannot be listened on or connected to, or may not be without keys. */
export class BusAddressError extends UsageError {}

/** A key file that is missing, damaged, open to others, or for the other side. */
export class BusKeysError extends UsageError {}

/** The learner will not have this worker: another protocol, another run, or no right to join. */
export class WorkerRefusedError extends GraspbridgeError {}

/** Nothing was heard of the learner for as long as the worker may wait. */
export class LearnerLostError extends GraspbridgeError {}

/** Why a message was not taken. */
export type RefusalReason =
  /** Not MessagePack, or not one of the messages there are. */
  | 'garbage'
  /** More bytes or frames than such a message may have. */
  | 'oversized'
  /** Numbers that no worker sends: an action outside its space, or more steps than there can be. */
  | 'out of range'
  /** More messages than there is room for; they may be sent again. */
  | 'no room'
  /** Of another run. */
  | 'foreign run'
  /** From a connection that was not welcomed, or with the token of another one: a message played back. */
  | 'unknown session'
  /** Without the secret or the key that joining takes. */
  | 'unauthorized'
  /** Of a worker that was expelled. */
  | 'expelled'
  /** Of another version of the protocol. */
  | 'protocol';

/** One message that was not taken; the bus counts it, and nothing else happens. */
export class MessageRefused extends GraspbridgeError {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
