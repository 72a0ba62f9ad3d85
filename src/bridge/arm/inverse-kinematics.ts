import { checkNumbers, checkPose } from '../checks.ts';
import type { JointLimits, Kinematics } from '../kinematics.ts';
import type { Pose } from '../simulator.ts';
import { type ArmChain, ForwardKinematics } from './chain.ts';
import { DampedLeastSquares } from './damped-least-squares.ts';
import { geometricJacobian, poseError } from './jacobian.ts';

/** Damping λ: keeps joint velocities bounded near singular poses at the price of a slower approach there. */
const damping = 0.05;
/** Share of the error to go per second. */
const gain = 20;
/** Pull towards home in the null space, 1/s. */
const homeGain = 1;
/** `solve` converges to errors below this, m and rad. */
const tolerance = 1e-6;
const maximumIterations = 200;
/** Which joint bends the wrist: the sign of its angle tells the arm's two ways of holding the hand apart. */
const wristBend = 5;
/** Longest step of `solve`, rad: the linearisation holds no further. */
const maximumStep = 0.4;

/** Kinematics of an arm by damped least squares on its chain: plain arithmetic, nothing to free, a few µs a solve. */
export class ArmKinematics implements Kinematics {
  readonly limits: JointLimits;
  readonly home: Float64Array;
  private readonly flippedHome: Float64Array;
  private readonly forward: ForwardKinematics;
  private readonly leastSquares = new DampedLeastSquares();
  private readonly joints: number;
  private readonly jacobian: Float64Array;
  private readonly locked: Uint8Array;
  private readonly drift: Float64Array;
  private readonly error = new Float64Array(6);
  private readonly y = new Float64Array(6);

  /**
   * @param home angles (rad) that the null space is drawn to while the wrist bends forwards (its joint above 0).
   * @param flippedHome the same for a wrist bent backwards: getting from one to the other would take half a turn.
   */
  constructor(chain: ArmChain, home: ArrayLike<number>, flippedHome: ArrayLike<number>) {
    this.joints = chain.joints.length;
    checkNumbers('The home angles', home, this.joints);
    this.limits = chain.limits;
    checkNumbers('The flipped home angles', flippedHome, this.joints);
    this.home = Float64Array.from(home);
    this.flippedHome = Float64Array.from(flippedHome);
    this.forward = new ForwardKinematics(chain);
    this.jacobian = new Float64Array(6 * this.joints);
    this.locked = new Uint8Array(this.joints);
    this.drift = new Float64Array(this.joints);
  }

  tipPose(jointPositions: ArrayLike<number>): Pose {
    this.forward.update(jointPositions);
    return this.forward.tipPose();
  }

  velocitiesTowards(jointPositions: ArrayLike<number>, goal: Pose, out: Float64Array): Float64Array {
    this.forward.update(jointPositions);
    poseError(this.forward, goal, this.error);
    for (let i = 0; i < 6; i++) this.error[i] = gain * (this.error[i] as number);
    this.driftHome(jointPositions, homeGain);
    this.resolve(jointPositions, damping, out);
    return scaleToLimits(out, this.limits.velocity);
  }

  solve(goal: Pose, start: ArrayLike<number>): Float64Array | null {
    checkNumbers('The start of an inverse kinematics solution', start, this.joints);
    const wanted = checkPose('The goal of an inverse kinematics solution', goal);
    const { lower, upper } = this.limits;
    const angles = Float64Array.from(start, (angle, j) =>
      Math.min(Math.max(angle, lower[j] as number), upper[j] as number),
    );
    const step = new Float64Array(this.joints);
    for (let iteration = 0; iteration < maximumIterations; iteration++) {
      this.forward.update(angles);
      poseError(this.forward, wanted, this.error);
      const size = Math.hypot(...this.error);
      if (size < tolerance) return angles;
      // The drift keeps clear of limits on the way, and fades so that it does not hold back the end.
      this.driftHome(angles, Math.min(0.1, 0.1 * size));
      // Damping in step with the error: cautious far away, quadratic convergence near by (Levenberg and Marquardt).
      this.resolve(angles, Math.min(damping, Math.max(0.1 * size, 1e-4)), step);
      let largest = 0;
      for (const value of step) largest = Math.max(largest, Math.abs(value));
      const scale = Math.min(1, maximumStep / largest);
      for (let j = 0; j < this.joints; j++) {
        const next = (angles[j] as number) + scale * (step[j] as number);
        angles[j] = Math.min(Math.max(next, lower[j] as number), upper[j] as number);
      }
    }
    return null;
  }

  close(): void {}

  /** Sets the drift towards home, except for the last joint, which is there to turn the hand. */
  private driftHome(angles: ArrayLike<number>, rate: number): void {
    const home = (angles[wristBend] as number) >= 0 ? this.home : this.flippedHome;
    for (let j = 0; j < this.joints - 1; j++) this.drift[j] = rate * ((home[j] as number) - (angles[j] as number));
    this.drift[this.joints - 1] = 0;
  }

  /**
   * out ← drift + Jᵀ (J Jᵀ + λ²)⁻¹ (error − J drift): reaches the error as well as damping allows, and follows the
   * drift where that changes nothing. A joint at its limit that would be pushed on stands still, and the others solve
   * for what is left.
   */
  private resolve(angles: ArrayLike<number>, lambda: number, out: Float64Array): void {
    const { joints, jacobian, locked, drift, error, y } = this;
    const { lower, upper } = this.limits;
    geometricJacobian(this.forward, jacobian);
    locked.fill(0);
    for (let round = 0; round <= joints; round++) {
      for (let i = 0; i < 6; i++) {
        let rest = error[i] as number;
        for (let j = 0; j < joints; j++) rest -= (jacobian[joints * i + j] as number) * (drift[j] as number);
        y[i] = rest;
      }
      this.leastSquares.solve(jacobian, joints, lambda, y);
      let blocked = false;
      for (let j = 0; j < joints; j++) {
        let value = drift[j] as number;
        for (let i = 0; i < 6; i++) value += (jacobian[joints * i + j] as number) * (y[i] as number);
        out[j] = value;
        const angle = angles[j] as number;
        const outwards =
          (angle >= (upper[j] as number) - 1e-3 && value > 0) || (angle <= (lower[j] as number) + 1e-3 && value < 0);
        if (outwards && locked[j] === 0) {
          locked[j] = 1;
          blocked = true;
          drift[j] = 0;
          for (let i = 0; i < 6; i++) jacobian[joints * i + j] = 0;
        }
      }
      if (!blocked) return;
    }
  }
}

/** Scales a vector of joint velocities as a whole, so that none is over its limit; changes and returns `velocities`. */
export function scaleToLimits(velocities: Float64Array, limits: Float64Array): Float64Array {
  let excess = 1;
  for (let j = 0; j < limits.length; j++)
    excess = Math.max(excess, Math.abs(velocities[j] as number) / (limits[j] as number));
  if (excess > 1) for (let j = 0; j < limits.length; j++) velocities[j] = (velocities[j] as number) / excess;
  return velocities;
}
