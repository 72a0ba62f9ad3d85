import { GraspbridgeError, UsageError } from '../common/errors.ts';

/** `step` was called where no episode is under way. */
export class EpisodeOverError extends GraspbridgeError {
  constructor(when: 'before the first reset' | 'after the episode ended' | 'after close') {
    super(
      when === 'after close'
        ? 'The environment is closed. Make a new one to go on.'
        : `step() was called ${when}. Call reset() first: nothing resets by itself.`,
    );
  }
}

/** An action that is not an element of the action space. */
export class InvalidActionError extends UsageError {}

/** An environment breaks the contract of `Env`; the message names the rule. */
export class EnvContractError extends GraspbridgeError {}
