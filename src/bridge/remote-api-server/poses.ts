import { multiplyQuaternions, rotate, rotatedAxis } from '../../common/rotations.ts';
import type { Pose, Quaternion, Vector3 } from '../simulator.ts';

export const identity: Pose = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };

function add([ax, ay, az]: Vector3, [bx, by, bz]: Vector3): Vector3 {
  return [ax + bx, ay + by, az + bz];
}

/** The pose `b`, given in the frame `a`, in the frame that `a` is given in. */
export function compose(a: Pose, b: Pose): Pose {
  return {
    position: add(a.position, rotate(a.orientation, b.position)),
    orientation: multiplyQuaternions(a.orientation, b.orientation),
  };
}

/** The inverse of a rotation. */
export function conjugate([x, y, z, w]: Quaternion): Quaternion {
  return [-x, -y, -z, w];
}

/** The frame that `pose` is given in, seen from `pose`. */
export function inverse({ position, orientation }: Pose): Pose {
  const back = conjugate(orientation);
  const [x, y, z] = rotate(back, position);
  return { position: [-x, -y, -z], orientation: back };
}

/** The pose `b` as seen from `a`; both in the same frame. */
export function relative(a: Pose, b: Pose): Pose {
  return compose(inverse(a), b);
}

/** The first three rows of a homogeneous matrix, row by row, as CoppeliaSim lists them: `[12]`. */
export function toMatrix({ position, orientation }: Pose): Float64Array {
  const x = rotatedAxis(orientation, 0);
  const y = rotatedAxis(orientation, 1);
  const z = rotatedAxis(orientation, 2);
  return Float64Array.from([0, 1, 2].flatMap(row => [x, y, z, position].map(column => column[row] as number)));
}

/**
 * The pose of such a matrix, whose columns must be a right-handed rotation.
 *
 * The largest of the quaternion's numbers is computed first and the others divided by it (Shepperd's method), so that
 * no small number is divided by.
 */
export function fromMatrix(matrix: ArrayLike<number>): Pose {
  const at = (row: number, column: number) => matrix[4 * row + column] as number;
  const trace = at(0, 0) + at(1, 1) + at(2, 2);
  const candidates = [at(0, 0), at(1, 1), at(2, 2), trace];
  const largest = candidates.indexOf(Math.max(...candidates));
  const q: [number, number, number, number] = [0, 0, 0, 0];
  if (largest === 3) {
    const s = 2 * Math.sqrt(1 + trace);
    q[3] = s / 4;
    for (const i of [0, 1, 2] as const) q[i] = (at((i + 2) % 3, (i + 1) % 3) - at((i + 1) % 3, (i + 2) % 3)) / s;
  } else {
    const i = largest as 0 | 1 | 2; // Index of the three before the trace.
    const j = ((i + 1) % 3) as 0 | 1 | 2;
    const k = ((i + 2) % 3) as 0 | 1 | 2;
    const s = 2 * Math.sqrt(1 + at(i, i) - at(j, j) - at(k, k));
    q[i] = s / 4;
    q[j] = (at(j, i) + at(i, j)) / s;
    q[k] = (at(k, i) + at(i, k)) / s;
    q[3] = (at(k, j) - at(j, k)) / s;
  }
  const length = Math.hypot(...q) || 1;
  return {
    position: [at(0, 3), at(1, 3), at(2, 3)],
    orientation: [q[0] / length, q[1] / length, q[2] / length, q[3] / length],
  };
}

/** Between two poses: straight between the positions, the shortest way between the orientations (slerp). */
export function interpolate(a: Pose, b: Pose, share: number): Pose {
  const [ax, ay, az, aw] = a.orientation;
  let [bx, by, bz, bw] = b.orientation;
  let cosine = ax * bx + ay * by + az * bz + aw * bw;
  if (cosine < 0) {
    [bx, by, bz, bw] = [-bx, -by, -bz, -bw];
    cosine = -cosine;
  }
  const angle = Math.acos(Math.min(1, cosine));
  const sine = Math.sin(angle);
  const first = sine < 1e-9 ? 1 - share : Math.sin((1 - share) * angle) / sine;
  const second = sine < 1e-9 ? share : Math.sin(share * angle) / sine;
  const mix = (from: number, to: number) => (1 - share) * from + share * to;
  return {
    position: [mix(a.position[0], b.position[0]), mix(a.position[1], b.position[1]), mix(a.position[2], b.position[2])],
    orientation: [
      first * ax + second * bx,
      first * ay + second * by,
      first * az + second * bz,
      first * aw + second * bw,
    ],
  };
}

/** Linear (m/s) and angular velocity (rad/s, world frame) that lead from one pose to another within `seconds`. */
export function velocityBetween(before: Pose, after: Pose, seconds: number): { linear: Vector3; angular: Vector3 } {
  const move = (i: 0 | 1 | 2) => (after.position[i] - before.position[i]) / seconds;
  const [x, y, z, w] = multiplyQuaternions(after.orientation, conjugate(before.orientation));
  const sine = Math.hypot(x, y, z);
  // The shorter way round; for small turns angle / sin is 2.
  const angle = 2 * Math.atan2(sine, Math.abs(w)) * Math.sign(w || 1);
  const rate = sine < 1e-12 ? 0 : angle / sine / seconds;
  return { linear: [move(0), move(1), move(2)], angular: [x * rate, y * rate, z * rate] };
}
