/** Position in m. */
export type Vector3 = readonly [x: number, y: number, z: number];

/** Unit quaternion in x y z w order. */
export type Quaternion = readonly [x: number, y: number, z: number, w: number];

/** Three numbers of a list, from `offset` on. The list must be so long. */
export function vectorAt(values: ArrayLike<number>, offset = 0): Vector3 {
  return [values[offset] as number, values[offset + 1] as number, values[offset + 2] as number];
}

/** Four numbers of a list, x y z w, from `offset` on. The list must be so long. */
export function quaternionAt(values: ArrayLike<number>, offset = 0): Quaternion {
  const [x, y, z] = vectorAt(values, offset);
  return [x, y, z, values[offset + 3] as number];
}

/** Hamilton's product: the rotation `b` first, then `a`. */
export function multiplyQuaternions(a: Quaternion, b: Quaternion): Quaternion {
  const [ax, ay, az, aw] = a;
  const [bx, by, bz, bw] = b;
  return [
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
    aw * bw - ax * bx - ay * by - az * bz,
  ];
}

/** The rotation by `angle` (rad) about the world's z axis. */
export function yawQuaternion(angle: number): Quaternion {
  return [0, 0, Math.sin(angle / 2), Math.cos(angle / 2)];
}

/** The body's x, y or z axis (0, 1, 2) in the world. */
export function rotatedAxis([x, y, z, w]: Quaternion, axis: 0 | 1 | 2): Vector3 {
  if (axis === 0) return [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)];
  if (axis === 1) return [2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)];
  return [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)];
}

/** A vector turned by a rotation. */
export function rotate(rotation: Quaternion, [vx, vy, vz]: Vector3): Vector3 {
  const [ax, ay, az] = rotatedAxis(rotation, 0);
  const [bx, by, bz] = rotatedAxis(rotation, 1);
  const [cx, cy, cz] = rotatedAxis(rotation, 2);
  return [ax * vx + bx * vy + cx * vz, ay * vx + by * vy + cy * vz, az * vx + bz * vy + cz * vz];
}

/**
 * Euler angles (rad) as CoppeliaSim gives them: intrinsic X-Y-Z, R = Rx(α) Ry(β) Rz(γ).
 *
 * Source: CoppeliaSim's manual, "Positions and orientations". At β = ±π/2, γ is 0.
 */
export function eulerAngles(rotation: Quaternion): Vector3 {
  const [xx] = rotatedAxis(rotation, 0);
  const [yx, yy, yz] = rotatedAxis(rotation, 1);
  const [zx, zy, zz] = rotatedAxis(rotation, 2);
  const beta = Math.asin(Math.max(-1, Math.min(1, zx)));
  if (Math.abs(zx) > 1 - 1e-12) return [Math.atan2(yz, yy), beta, 0];
  return [Math.atan2(-zy, zz), beta, Math.atan2(-yx, xx)];
}

/** The rotation of Euler angles in CoppeliaSim's convention, the inverse of {@link eulerAngles}. */
export function fromEulerAngles([alpha, beta, gamma]: Vector3): Quaternion {
  const about = (angle: number, axis: 0 | 1 | 2): Quaternion => {
    const q: [number, number, number, number] = [0, 0, 0, Math.cos(angle / 2)];
    q[axis] = Math.sin(angle / 2);
    return q;
  };
  return multiplyQuaternions(multiplyQuaternions(about(alpha, 0), about(beta, 1)), about(gamma, 2));
}

/** The angle brought into (−period/2, period/2]; period 2π by default. */
export function wrapAngle(angle: number, period = 2 * Math.PI): number {
  const wrapped = angle - period * Math.round(angle / period);
  return wrapped <= -period / 2 ? wrapped + period : wrapped;
}
