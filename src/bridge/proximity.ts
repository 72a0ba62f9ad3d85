import { type Quaternion, rotatedAxis, type Vector3 } from '../common/rotations.ts';

/** Reach of a proximity sensor along its axis, m, and half of its opening angle, rad. */
export interface ProximityCone {
  readonly range: number;
  readonly halfAngle: number;
}

/**
 * 10 cm from the attach point: 3.8 cm beyond the finger tips. The original's angle is not recorded: 15° stays clear of
 * the open fingers (1.2 cm to each side at the pads) and sees what stands between or before them.
 */
export const gripperProximity: ProximityCone = { range: 0.1, halfAngle: (15 * Math.PI) / 180 };

/** Distance of a point to a box (0 inside), in the box's frame. */
function distanceToBox(x: number, y: number, z: number, [hx, hy, hz]: Vector3): number {
  const dx = Math.max(Math.abs(x) - hx, 0);
  const dy = Math.max(Math.abs(y) - hy, 0);
  const dz = Math.max(Math.abs(z) - hz, 0);
  return Math.sqrt(dx * dx + dy * dy + dz * dz);
}

/**
 * Whether any part of a box is inside a cone, from poses alone: no simulator has to compute it.
 *
 * The cone ends in a ball, as a sensor's reach does: it is the union of the balls around the points of its axis, at
 * distance s from the apex, of radius s sin θ. The box is seen where one of the balls touches it: where the least value
 * of dist(s) − s sin θ is not above 0. That function is convex (the distance to a convex body along a line is), so that
 * a golden-section search finds its least value.
 *
 * @param apex the sensor's place, world frame, m.
 * @param axis unit vector the sensor looks along.
 * @param halfExtents of the box along its own axes, m.
 */
export function coneSeesBox(
  apex: Vector3,
  axis: Vector3,
  cone: ProximityCone,
  position: Vector3,
  orientation: Quaternion,
  halfExtents: Vector3,
): boolean {
  const dx = apex[0] - position[0];
  const dy = apex[1] - position[1];
  const dz = apex[2] - position[2];
  const radius = Math.sqrt(halfExtents[0] ** 2 + halfExtents[1] ** 2 + halfExtents[2] ** 2);
  if (dx * dx + dy * dy + dz * dz > (cone.range + radius) ** 2) return false;

  const bx = rotatedAxis(orientation, 0);
  const by = rotatedAxis(orientation, 1);
  const bz = rotatedAxis(orientation, 2);
  const ox = bx[0] * dx + bx[1] * dy + bx[2] * dz;
  const oy = by[0] * dx + by[1] * dy + by[2] * dz;
  const oz = bz[0] * dx + bz[1] * dy + bz[2] * dz;
  const ux = bx[0] * axis[0] + bx[1] * axis[1] + bx[2] * axis[2];
  const uy = by[0] * axis[0] + by[1] * axis[1] + by[2] * axis[2];
  const uz = bz[0] * axis[0] + bz[1] * axis[1] + bz[2] * axis[2];
  const sine = Math.sin(cone.halfAngle);
  const gap = (s: number) => distanceToBox(ox + ux * s, oy + uy * s, oz + uz * s, halfExtents) - s * sine;

  const ratio = (Math.sqrt(5) - 1) / 2;
  let low = 0;
  // The last ball reaches just as far as the range.
  let high = cone.range / (1 + sine);
  if (gap(low) <= 0 || gap(high) <= 0) return true;
  let a = high - ratio * (high - low);
  let b = low + ratio * (high - low);
  let gapA = gap(a);
  let gapB = gap(b);
  while (high - low > 1e-6) {
    if (gapA <= 0 || gapB <= 0) return true;
    if (gapA < gapB) {
      high = b;
      b = a;
      gapB = gapA;
      a = high - ratio * (high - low);
      gapA = gap(a);
    } else {
      low = a;
      a = b;
      gapA = gapB;
      b = low + ratio * (high - low);
      gapB = gap(b);
    }
  }
  return false;
}
