import { rotatedAxis, type Vector3 } from '../../common/rotations.ts';
import { coneSeesBox, gripperProximity } from '../proximity.ts';
import type { Pose } from '../simulator.ts';

/** The sensor's place before the tip along the fingers, m: the original scene's BaxterGripper_attachProxSensor. */
const PROXIMITY_FROM_TIP = 0.059;

/**
 * Whether the gripper's proximity sensor sees the block, from poses: CoppeliaSim's own sensor needs a plugin that not every
 * installation has, and detects nothing without it.
 *
 * @param size full extents of the block, m.
 */
export function seesTarget(
  { tip, target }: { readonly tip: Pose; readonly target: Pose },
  [length, width, height]: Vector3,
): boolean {
  const axis = rotatedAxis(tip.orientation, 2);
  const [x, y, z] = tip.position;
  const apex: Vector3 = [
    x + PROXIMITY_FROM_TIP * axis[0],
    y + PROXIMITY_FROM_TIP * axis[1],
    z + PROXIMITY_FROM_TIP * axis[2],
  ];
  const halfExtents: Vector3 = [length / 2, width / 2, height / 2];
  return coneSeesBox(apex, axis, gripperProximity, target.position, target.orientation, halfExtents);
}
