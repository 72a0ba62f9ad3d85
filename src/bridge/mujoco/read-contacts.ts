import type { MjData } from '@mujoco/mujoco';
import type { Vector3 } from '../../common/rotations.ts';
import type { CompiledScene } from './compiled-scenes.ts';
import { nameOf } from './names.ts';

/** One point at which two shapes touch; world frame. */
export interface ContactPoint {
  /** Names of the two shapes. */
  readonly shapes: readonly [string, string];
  /** m */
  readonly position: Vector3;
  /** From the first shape to the second, of unit length. */
  readonly normal: Vector3;
  /** What the first shape does to the second, N. */
  readonly force: Vector3;
}

/**
 * All contacts of the state before the last integration, as MuJoCo's contact sensors have them.
 *
 * MuJoCo gives a contact's force in the contact's frame, whose rows are the normal and two tangents.
 */
export function readContacts({ mujoco, model }: CompiledScene, data: MjData): ContactPoint[] {
  const vector = data.contact;
  const wrench = new mujoco.DoubleBuffer(6);
  const points: ContactPoint[] = [];
  try {
    for (let index = 0; index < data.ncon; index++) {
      const contact = vector.get(index);
      if (!contact) continue;
      mujoco.mj_contactForce(model, data, index, wrench);
      const frame = Float64Array.from(contact.frame as Float64Array);
      const [fx = 0, fy = 0, fz = 0] = wrench.GetView() as Float64Array;
      const [x = 0, y = 0, z = 0] = contact.pos as Float64Array;
      const along = (axis: number) => fx * at(frame, axis) + fy * at(frame, 3 + axis) + fz * at(frame, 6 + axis);
      points.push({
        shapes: [nameOf(mujoco, model, 'geom', contact.geom1), nameOf(mujoco, model, 'geom', contact.geom2)],
        position: [x, y, z],
        normal: [at(frame, 0), at(frame, 1), at(frame, 2)],
        force: [along(0), along(1), along(2)],
      });
      contact.delete();
    }
  } finally {
    wrench.delete();
    vector.delete();
  }
  return points;
}

function at(values: Float64Array, index: number): number {
  return values[index] as number;
}
