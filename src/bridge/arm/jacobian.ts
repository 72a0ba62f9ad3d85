import type { Pose } from '../simulator.ts';
import type { ForwardKinematics } from './chain.ts';

/**
 * The tip's geometric Jacobian in the world frame, row-major `[6 × joints]`: three rows of m/rad, then three of rotation.
 *
 * Column j is (axis × (tip − origin), axis) of joint j.
 */
export function geometricJacobian(kinematics: ForwardKinematics, out: Float64Array): Float64Array {
  const { axes, origins, position } = kinematics;
  const joints = axes.length / 3;
  for (let joint = 0; joint < joints; joint++) {
    const ax = axes[3 * joint] as number;
    const ay = axes[3 * joint + 1] as number;
    const az = axes[3 * joint + 2] as number;
    const x = (position[0] as number) - (origins[3 * joint] as number);
    const y = (position[1] as number) - (origins[3 * joint + 1] as number);
    const z = (position[2] as number) - (origins[3 * joint + 2] as number);
    out[joint] = ay * z - az * y;
    out[joints + joint] = az * x - ax * z;
    out[2 * joints + joint] = ax * y - ay * x;
    out[3 * joints + joint] = ax;
    out[4 * joints + joint] = ay;
    out[5 * joints + joint] = az;
  }
  return out;
}

/**
 * What is missing from the tip to a goal pose: a translation (m) and a rotation vector (rad), world frame, `[6]`.
 *
 * The rotation vector is the axis times the angle of goal · tip⁻¹, the short way round.
 */
export function poseError(kinematics: ForwardKinematics, goal: Pose, out: Float64Array): Float64Array {
  const { position } = kinematics;
  for (let i = 0; i < 3; i++) out[i] = (goal.position[i as 0 | 1 | 2] as number) - (position[i] as number);
  const [gx, gy, gz, gw] = goal.orientation;
  const [tx, ty, tz, tw] = kinematics.tipPose().orientation;
  // goal · conjugate(tip)
  let x = -gw * tx + gx * tw - gy * tz + gz * ty;
  let y = -gw * ty + gx * tz + gy * tw - gz * tx;
  let z = -gw * tz - gx * ty + gy * tx + gz * tw;
  let w = gw * tw + gx * tx + gy * ty + gz * tz;
  if (w < 0) {
    x = -x;
    y = -y;
    z = -z;
    w = -w;
  }
  const sine = Math.hypot(x, y, z);
  const scale = sine < 1e-12 ? 2 : (2 * Math.atan2(sine, w)) / sine;
  out[3] = x * scale;
  out[4] = y * scale;
  out[5] = z * scale;
  return out;
}
