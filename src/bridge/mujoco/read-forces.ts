import type { MjData } from '@mujoco/mujoco';
import { type Vector3, vectorAt } from '../../common/rotations.ts';
import type { CompiledScene } from './compiled-scenes.ts';
import { indices, numbers } from './model-arrays.ts';
import { indexOf, isNamed } from './names.ts';

/** Two shapes at their nearest points; world frame. */
export interface ShapeDistance {
  /** m; negative by how much they overlap. */
  readonly distance: number;
  readonly points: readonly [Vector3, Vector3];
}

/** What the actuators do to a joint: torque of a hinge (N·m), force of a slide (N), before the last integration. */
export function readMotorForce({ mujoco, model }: CompiledScene, data: MjData, joint: string): number {
  const degree = indices(model.jnt_dofadr)[indexOf(mujoco, model, 'joint', joint)] as number;
  return numbers(data.qfrc_actuator)[degree] as number;
}

/** Distance of two shapes that take part in the physics; undefined if the scene lacks one, or beyond `limit` (m). */
export function readDistance(
  { mujoco, model }: CompiledScene,
  data: MjData,
  shapes: readonly [string, string],
  limit: number,
): ShapeDistance | undefined {
  if (!shapes.every(shape => isNamed(mujoco, model, 'geom', shape))) return undefined;
  const [first, second] = [indexOf(mujoco, model, 'geom', shapes[0]), indexOf(mujoco, model, 'geom', shapes[1])];
  const buffer = new mujoco.DoubleBuffer(6);
  try {
    // Shapes are where they were before the last integration until they are placed anew.
    mujoco.mj_kinematics(model, data);
    const distance = mujoco.mj_geomDistance(model, data, first, second, limit, buffer);
    if (distance >= limit) return undefined;
    const points = numbers(buffer.GetView());
    return { distance, points: [vectorAt(points, 0), vectorAt(points, 3)] };
  } finally {
    buffer.delete();
  }
}
