import type { MjModel } from '@mujoco/mujoco';
import type { SceneBody, SceneDescription, SceneShape, ShapeKind } from '../simulator.ts';
import type { CompiledScene } from './compiled-scenes.ts';
import { readLights, readMaterial, readMesh } from './describe-looks.ts';
import { indices, numbers } from './model-arrays.ts';
import { nameOf } from './names.ts';
import { compileScene } from './scene-file.ts';

/** MuJoCo's numbers for kinds of shapes (mjtGeom). */
export const shapeKinds: Readonly<Record<number, ShapeKind>> = {
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
  const model = compileScene(scene.mujoco, scene.source, scene.target, false);
  try {
    const shapes = readShapes(scene, model);
    const parents = indices(model.body_parentid);
    const masses = numbers(model.body_mass);
    const bodies = Array.from(
      parents,
      (parent, index): SceneBody => ({
        name: nameOf(scene.mujoco, model, 'body', index),
        parent: index === 0 ? -1 : parent,
        mass: masses[index] as number,
        shapes: shapes[index] ?? [],
      }),
    );
    return { bodies, lights: readLights(model) };
  } finally {
    model.delete();
  }
}

function readShapes({ mujoco }: CompiledScene, model: MjModel): SceneShape[][] {
  const kinds = indices(model.geom_type);
  const owners = indices(model.geom_bodyid);
  const positions = numbers(model.geom_pos);
  const quaternions = numbers(model.geom_quat);
  const sizes = numbers(model.geom_size);
  const colors = colorsOf(model);
  const materials = indices(model.geom_matid);
  const paired = new Set([...indices(model.pair_geom1), ...indices(model.pair_geom2)]);
  const [types, affinities] = [indices(model.geom_contype), indices(model.geom_conaffinity)];
  const shapes: SceneShape[][] = Array.from({ length: model.nbody }, () => []);
  for (const [index, kind] of kinds.entries()) {
    const number = (array: ArrayLike<number>, width: number, i: number) => array[width * index + i] as number;
    const quaternion = (i: number) => number(quaternions, 4, i);
    const mesh = readMesh(model, index);
    shapes[owners[index] as number]?.push({
      name: nameOf(mujoco, model, 'geom', index),
      kind: shapeKinds[kind] ?? 'mesh',
      pose: {
        position: [number(positions, 3, 0), number(positions, 3, 1), number(positions, 3, 2)],
        orientation: [quaternion(1), quaternion(2), quaternion(3), quaternion(0)],
      },
      size: [number(sizes, 3, 0), number(sizes, 3, 1), number(sizes, 3, 2)],
      color: [number(colors, 4, 0), number(colors, 4, 1), number(colors, 4, 2), number(colors, 4, 3)],
      collides: paired.has(index) || types[index] !== 0 || affinities[index] !== 0,
      ...(mesh === undefined ? {} : { mesh }),
      ...((materials[index] as number) < 0
        ? {}
        : { material: readMaterial(mujoco, model, materials[index] as number) }),
    });
  }
  return shapes;
}

/** Colours of all shapes, `[shapes × 4]`: a shape that has none of its own, which is MuJoCo's grey, has its material's. */
function colorsOf(model: MjModel): Float64Array {
  const colors = numbers(model.geom_rgba);
  const ofMaterials = numbers(model.mat_rgba);
  for (const [i, material] of indices(model.geom_matid).entries())
    if (material >= 0 && colors.subarray(4 * i, 4 * i + 4).join() === '0.5,0.5,0.5,1')
      colors.set(ofMaterials.subarray(4 * material, 4 * material + 4), 4 * i);
  return colors;
}
