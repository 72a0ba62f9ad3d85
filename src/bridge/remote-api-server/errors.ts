import { EnvironmentError, GraspbridgeError, UsageError } from '../../common/errors.ts';

/**
 * A call that a client made cannot be answered: its message goes back to that client and to nobody else.
 *
 * `code` is the number that CoppeliaSim puts before the message; almost every function of its own has 354.
 */
export class CallError extends GraspbridgeError {
  readonly code: number;

  constructor(message: string, code = 354) {
    super(message);
    this.code = code;
  }
}

/** The server was asked to listen where it must not, or not where it can. */
export class ServerAddressError extends UsageError {}

/** The server's port is taken, or otherwise not to be had. */
export class ServerPortError extends EnvironmentError {}

/** A fast lane's port is taken; its script says so to whoever asks. */
export class LanePortError extends EnvironmentError {}
