import { checkNumbers } from '../checks.ts';
import { ForeignSnapshotError } from '../errors.ts';
import type { JointLimits } from '../kinematics.ts';
import type { SimulatorResetOptions, SimulatorState, Snapshot } from '../simulator.ts';

/** `[time (s), joint positions (7, rad), opening between the pads (m), target pose (7)]` */
const LENGTH = 16;

/** What of a state CoppeliaSim can be given back. */
export function packSnapshot(
  simulator: string,
  { time, jointPositions, gripperOpening, target }: SimulatorState,
): Snapshot {
  const data = Float64Array.of(time, ...jointPositions, gripperOpening, ...target.position, ...target.orientation);
  return { simulator, data };
}

/** The reset that a snapshot asks for, and its time, s. Throws ForeignSnapshotError for one of another simulator. */
export function unpackSnapshot(
  name: string,
  { simulator, data }: Snapshot,
  limits: JointLimits,
  maximumOpening: number,
): SimulatorResetOptions & { readonly time: number } {
  if (simulator !== name || data.length !== LENGTH)
    throw new ForeignSnapshotError(
      `A snapshot of "${simulator}" with ${data.length} numbers cannot be restored by "${name}", whose have ${LENGTH}. Reset instead.`,
    );
  checkNumbers('A snapshot to restore', data, LENGTH);
  const [gripperOpening = 0, x = 0, y = 0, z = 0, qx = 0, qy = 0, qz = 0, qw = 1] = data.subarray(8);
  const put = {
    jointPositions: data.slice(1, 8),
    gripperOpening,
    target: { position: [x, y, z], orientation: [qx, qy, qz, qw] },
  } as const;
  return { time: data[0] as number, ...withinLimits(put, limits, maximumOpening) };
}

/** Joints and fingers of a physics engine overshoot their limits a little; a reset takes none of that. */
export function withinLimits(
  { jointPositions, gripperOpening, target }: Pick<SimulatorState, 'jointPositions' | 'gripperOpening' | 'target'>,
  { lower, upper }: JointLimits,
  maximumOpening: number,
): SimulatorResetOptions {
  return {
    jointPositions: jointPositions.map((angle, j) => Math.min(Math.max(angle, lower[j] as number), upper[j] as number)),
    gripperOpening: Math.min(Math.max(0, gripperOpening), maximumOpening),
    target,
  };
}
