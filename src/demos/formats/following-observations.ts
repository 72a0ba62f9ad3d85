/** Counts transitions whose next observation is not in the file and was taken from the following transition. */
export class FollowingObservations {
  /** Transitions at the end of an episode that did not terminate: nothing says their next observation. */
  leftOut = 0;
  /** Whether any next observation was not in the file. */
  used = false;

  /** What a user should know of it, such as of transitions that were left out. */
  get notes(): readonly string[] {
    if (!this.used) return [];
    const what =
      this.leftOut === 0
        ? ''
        : `; the last transition of an episode that did not terminate has none and is left out (${this.leftOut} ${this.leftOut === 1 ? 'transition' : 'transitions'})`;
    return [`it has no next observations: they are taken from the following transition${what}`];
  }
}
