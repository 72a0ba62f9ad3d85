import type { Quaternion, Vector3 } from '../../common/rotations.ts';
import type { JointLimits } from '../kinematics.ts';
import type { Pose } from '../simulator.ts';

/** A rigid transform as a row-major rotation matrix, `[9]`, and a translation (m), `[3]`. */
export interface Transform {
  readonly rotation: Float64Array;
  readonly translation: Float64Array;
}

/** What forward kinematics needs to know about an arm whose joints turn about the z axes of their own frames. */
export interface ArmChain {
  /** Each joint's frame at angle 0 in the frame of the joint before it; the first one in the world's. */
  readonly joints: readonly Transform[];
  /** The tip in the last joint's frame. */
  readonly tip: Transform;
  readonly limits: JointLimits;
}

/** Rotation matrix of a quaternion in x y z w order that need not be of unit length, row by row. */
export function rotationMatrix([x, y, z, w]: Quaternion): Float64Array {
  const s = 2 / (x * x + y * y + z * z + w * w);
  return Float64Array.of(
    1 - s * (y * y + z * z),
    s * (x * y - w * z),
    s * (x * z + w * y),
    s * (x * y + w * z),
    1 - s * (x * x + z * z),
    s * (y * z - w * x),
    s * (x * z - w * y),
    s * (y * z + w * x),
    1 - s * (x * x + y * y),
  );
}

/** Unit quaternion (x y z w, w ≥ 0 where it can be told) of a row-major rotation matrix; Shepperd's method. */
export function matrixQuaternion(m: Float64Array): Quaternion {
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = m as unknown as [
    // A rotation matrix has nine numbers; the tuple spares a check at each of them.
    ...[number, number, number, number, number, number, number, number, number],
  ];
  const trace = xx + yy + zz;
  if (trace > 0) {
    const s = 2 * Math.sqrt(1 + trace);
    return [(zy - yz) / s, (xz - zx) / s, (yx - xy) / s, s / 4];
  }
  if (xx > yy && xx > zz) {
    const s = 2 * Math.sqrt(1 + xx - yy - zz);
    return [s / 4, (xy + yx) / s, (xz + zx) / s, (zy - yz) / s];
  }
  if (yy > zz) {
    const s = 2 * Math.sqrt(1 + yy - xx - zz);
    return [(xy + yx) / s, s / 4, (yz + zy) / s, (xz - zx) / s];
  }
  const s = 2 * Math.sqrt(1 + zz - xx - yy);
  return [(xz + zx) / s, (yz + zy) / s, s / 4, (yx - xy) / s];
}

/** out ← a b, for row-major 3 × 3 matrices; `out` may be neither. */
function multiply(a: Float64Array, b: Float64Array, out: Float64Array): void {
  for (let row = 0; row < 9; row += 3) {
    const x = a[row] as number;
    const y = a[row + 1] as number;
    const z = a[row + 2] as number;
    for (let column = 0; column < 3; column++)
      out[row + column] = x * (b[column] as number) + y * (b[column + 3] as number) + z * (b[column + 6] as number);
  }
}

/** position ← position + rotation offset. */
function advance(position: Float64Array, rotation: Float64Array, offset: Float64Array): void {
  for (let row = 0; row < 3; row++)
    position[row] =
      (position[row] as number) +
      (rotation[3 * row] as number) * (offset[0] as number) +
      (rotation[3 * row + 1] as number) * (offset[1] as number) +
      (rotation[3 * row + 2] as number) * (offset[2] as number);
}

/** One transform after another: `b` given in `a`'s frame. */
export function compose(a: Transform, b: Transform): Transform {
  const rotation = new Float64Array(9);
  const translation = a.translation.slice();
  multiply(a.rotation, b.rotation, rotation);
  advance(translation, a.rotation, b.translation);
  return { rotation, translation };
}

/** Forward kinematics of a chain. `update` fills the fields, which keep their arrays. */
export class ForwardKinematics {
  /** Tip, world frame, m. */
  readonly position = new Float64Array(3);
  /** Tip's rotation matrix, row-major. */
  readonly rotation = new Float64Array(9);
  /** Places of the joints in the world, `[joints × 3]`, m. */
  readonly origins: Float64Array;
  /** Axes of the joints in the world, `[joints × 3]`. */
  readonly axes: Float64Array;
  private readonly chain: ArmChain;
  private readonly scratch = new Float64Array(9);

  constructor(chain: ArmChain) {
    this.chain = chain;
    this.origins = new Float64Array(3 * chain.joints.length);
    this.axes = new Float64Array(3 * chain.joints.length);
  }

  /** Computes tip, origins and axes at the given angles (rad). */
  update(angles: ArrayLike<number>): void {
    const { position, rotation, scratch, origins, axes, chain } = this;
    position.fill(0);
    rotation.fill(0);
    rotation[0] = rotation[4] = rotation[8] = 1;
    for (let joint = 0; joint < chain.joints.length; joint++) {
      const fixed = chain.joints[joint] as Transform;
      advance(position, rotation, fixed.translation);
      multiply(rotation, fixed.rotation, scratch);
      const c = Math.cos(angles[joint] as number);
      const s = Math.sin(angles[joint] as number);
      for (let row = 0; row < 3; row++) {
        const x = scratch[3 * row] as number;
        const y = scratch[3 * row + 1] as number;
        const z = scratch[3 * row + 2] as number;
        rotation[3 * row] = c * x + s * y;
        rotation[3 * row + 1] = c * y - s * x;
        rotation[3 * row + 2] = z;
        axes[3 * joint + row] = z;
        origins[3 * joint + row] = position[row] as number;
      }
    }
    advance(position, rotation, chain.tip.translation);
    multiply(rotation, chain.tip.rotation, scratch);
    rotation.set(scratch);
  }

  /** A point given in the tip's frame, in the world. */
  fromTip(x: number, y: number, z: number): Vector3 {
    const { position: p, rotation: r } = this;
    return [
      (p[0] as number) + (r[0] as number) * x + (r[1] as number) * y + (r[2] as number) * z,
      (p[1] as number) + (r[3] as number) * x + (r[4] as number) * y + (r[5] as number) * z,
      (p[2] as number) + (r[6] as number) * x + (r[7] as number) * y + (r[8] as number) * z,
    ];
  }

  /** The tip's pose as of the last update. */
  tipPose(): Pose {
    const [x, y, z] = this.position;
    return { position: [x as number, y as number, z as number], orientation: matrixQuaternion(this.rotation) };
  }
}
