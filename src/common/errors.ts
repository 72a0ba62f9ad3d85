/**
 * Root of every error this package throws on purpose.
 *
 * A message says what was being done, what was found, and what to do next; the cause, where there is one, is kept.
 */
export class GraspbridgeError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** What the user asked for cannot be: an unknown name, a value out of range, options that exclude each other. */
export class UsageError extends GraspbridgeError {}

/** Something outside the program is not there, or not in the state it must be in. */
export class EnvironmentError extends GraspbridgeError {}
