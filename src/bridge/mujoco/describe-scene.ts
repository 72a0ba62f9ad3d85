import type { MjModel } from '@mujoco/mujoco';
import type { SceneBody, SceneDescription, SceneShape, ShapeKind } from '../simulator.ts';
import type { CompiledScene } from './compiled-scenes.ts';
import { nameOf } from './names.ts';
import { compileScene } from './scene-file.ts';

/** MuJoCo's numbers for kinds of shapes (mjtGeom). */
const shapeKinds: Readonly<Record<number, ShapeKind>> = {
  0: 'plane',
  2: 'sphere',
  3: 'capsule',
  4: 'ellipsoid',
  5: 'cylinder',
  6: 'box',
  7: 'mesh',
};

/** Bodies and shapes of a scene, with those to be looked at only, which the model that is stepped lacks. */
export function describeScene(scene: CompiledScene): SceneDescription {
  const model = compileScene(scene.mujoco, scene.path, scene.xml, scene.target, false);
  try {
    const shapes = readShapes(scene, model);
    const parents = model.body_parentid as Int32Array;
    const masses = model.body_mass as Float64Array;
    const bodies = Array.from(
      parents,
      (parent, index): SceneBody => ({
        name: nameOf(scene.mujoco, model, 'body', index),
        parent: index === 0 ? -1 : parent,
        mass: masses[index] as number,
        shapes: shapes[index] ?? [],
      }),
    );
    return { bodies };
  } finally {
    model.delete();
  }
}

function readShapes({ mujoco }: CompiledScene, model: MjModel): SceneShape[][] {
  // What the getters return are views of MuJoCo's arrays.
  const kinds = model.geom_type as Int32Array;
  const owners = model.geom_bodyid as Int32Array;
  const positions = model.geom_pos as Float64Array;
  const quaternions = model.geom_quat as Float64Array;
  const sizes = model.geom_size as Float64Array;
  const colors = model.geom_rgba as Float32Array;
  const colliding = new Set([...(model.pair_geom1 as Int32Array), ...(model.pair_geom2 as Int32Array)]);
  const shapes: SceneShape[][] = Array.from({ length: model.nbody }, () => []);
  for (const [index, kind] of kinds.entries()) {
    const number = (array: ArrayLike<number>, width: number, i: number) => array[width * index + i] as number;
    const quaternion = (i: number) => number(quaternions, 4, i);
    shapes[owners[index] as number]?.push({
      name: nameOf(mujoco, model, 'geom', index),
      kind: shapeKinds[kind] ?? 'mesh',
      pose: {
        position: [number(positions, 3, 0), number(positions, 3, 1), number(positions, 3, 2)],
        orientation: [quaternion(1), quaternion(2), quaternion(3), quaternion(0)],
      },
      size: [number(sizes, 3, 0), number(sizes, 3, 1), number(sizes, 3, 2)],
      color: [number(colors, 4, 0), number(colors, 4, 1), number(colors, 4, 2), number(colors, 4, 3)],
      collides: colliding.has(index),
    });
  }
  return shapes;
}
