/** A picture may take this long, ms, before the next ones get fewer pixels, and this little before they get more. */
const SLOW = 45;
const FAST = 18;
/** Fewest pixels, as a share of the full width and height. */
const COARSEST = 0.4;
/** After so long without motion the picture is drawn once more in full, ms. */
const REST = 250;

/**
 * How fine pictures are drawn: as fine as the machine can while things move, and in full when they rest. Without a
 * graphics processor a full picture takes longer than a display's frame.
 */
export class Resolution {
  private share = 1;
  private average = FAST;
  private drawnAt = 0;
  private resting = true;

  /** Tells how long the last picture of the motion took, ms. */
  took(milliseconds: number, now: number): void {
    this.drawnAt = now;
    // A halt of the whole machine is not the picture's fault.
    this.average = 0.8 * this.average + 0.2 * Math.min(milliseconds, 400);
    if (this.average > SLOW) this.share = Math.max(COARSEST, 0.85 * this.share);
    else if (this.average < FAST) this.share = Math.min(1, this.share / 0.93);
  }

  /** The share of full width and height for the next picture; null where none is needed. */
  next(moves: boolean, now: number): number | null {
    if (moves) {
      this.resting = false;
      return this.share;
    }
    if (this.resting || now - this.drawnAt < REST) return null;
    this.resting = true;
    return 1;
  }
}
