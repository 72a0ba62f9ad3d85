import type { Quaternion, Vector3 } from '../common/rotations.ts';
import { InvalidCommandError } from './errors.ts';
import type { JointLimits } from './kinematics.ts';
import type { Pose, SimulatorResetOptions } from './simulator.ts';

function show(values: ArrayLike<number>): string {
  return `[${Array.from(values).join(', ')}]`;
}

/**
 * Checks that there are `length` finite numbers.
 *
 * @param what names them in the error: `The joint velocities of a step`.
 * @throws InvalidCommandError
 */
export function checkNumbers(what: string, values: ArrayLike<number>, length: number): void {
  if (values.length !== length)
    throw new InvalidCommandError(`${what} must be ${length} numbers, but there are ${values.length}.`);
  for (let i = 0; i < length; i++) {
    if (!Number.isFinite(values[i]))
      throw new InvalidCommandError(
        `${what} must be finite, but number ${i} is ${values[i]} in ${show(values)}. Look for what computed it.`,
      );
  }
}

/** Checks one finite number. Throws InvalidCommandError. */
export function checkNumber(what: string, value: number): void {
  if (!Number.isFinite(value)) throw new InvalidCommandError(`${what} must be a finite number, but it is ${value}.`);
}

/** Checks a pose and returns it with its quaternion of unit length. Throws InvalidCommandError. */
export function checkPose(what: string, pose: Pose): { position: Vector3; orientation: Quaternion } {
  checkNumbers(`${what}'s position`, pose.position, 3);
  checkNumbers(`${what}'s orientation`, pose.orientation, 4);
  const [x, y, z, w] = pose.orientation;
  const length = Math.hypot(x, y, z, w);
  if (length < 1e-6)
    throw new InvalidCommandError(
      `${what}'s orientation must be a unit quaternion (x y z w), but it is ${show(pose.orientation)}.`,
    );
  return { position: pose.position, orientation: [x / length, y / length, z / length, w / length] };
}

/** How far beyond a limit a joint may be put by a reset (rad): noise on a start near a limit is no mistake. */
const limitTolerance = 0.05;

/**
 * Checks what a reset is told.
 *
 * @param maximumOpening between the pads (m), which is the default.
 * @returns the opening, and the target's pose with its quaternion of unit length.
 * @throws InvalidCommandError
 */
export function checkReset(
  options: SimulatorResetOptions,
  { lower, upper }: JointLimits,
  maximumOpening: number,
): { readonly gripperOpening: number; readonly target: Pose } {
  const { jointPositions, target, gripperOpening = maximumOpening } = options;
  checkNumbers('The joint positions of a reset', jointPositions, 7);
  for (let j = 0; j < 7; j++) {
    const angle = jointPositions[j] as number;
    if (angle < (lower[j] as number) - limitTolerance || angle > (upper[j] as number) + limitTolerance)
      throw new InvalidCommandError(
        `A reset puts joint ${j} at ${angle} rad, but it moves between ${lower[j]} and ${upper[j]} rad.`,
      );
  }
  if (!(gripperOpening >= 0 && gripperOpening <= maximumOpening))
    throw new InvalidCommandError(
      `A reset opens the gripper by ${gripperOpening} m, but it opens from 0 to ${maximumOpening} m.`,
    );
  return { gripperOpening, target: checkPose('The target of a reset', target) };
}
