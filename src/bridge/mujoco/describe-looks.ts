import type { MainModule, MjModel } from '@mujoco/mujoco';
import { vectorAt } from '../../common/rotations.ts';
import type { SceneLight, SceneMaterial, SceneMesh } from '../simulator.ts';
import { indices, numbers } from './model-arrays.ts';
import { nameOf } from './names.ts';

/** A mesh's triangles. */
export function readMesh(model: MjModel, mesh: number): SceneMesh {
  const slice = (array: ArrayLike<number>, start: number, count: number) =>
    Array.from({ length: 3 * count }, (_, i) => array[3 * start + i] as number);
  const at = (array: Int32Array) => array[mesh] as number;
  return {
    vertices: slice(numbers(model.mesh_vert), at(indices(model.mesh_vertadr)), at(indices(model.mesh_vertnum))),
    faces: slice(indices(model.mesh_face), at(indices(model.mesh_faceadr)), at(indices(model.mesh_facenum))),
  };
}

/** How a surface looks. */
export function readMaterial(mujoco: MainModule, model: MjModel, material: number): SceneMaterial {
  const at = (array: Float32Array) => numbers(array)[material] as number;
  return {
    name: nameOf(mujoco, model, 'material', material),
    specular: at(model.mat_specular),
    shininess: at(model.mat_shininess),
    reflectance: at(model.mat_reflectance),
    emission: at(model.mat_emission),
  };
}

/** The lights that stand still in the world; those on moving bodies are left out. The first one casts shadows. */
export function readLights(model: MjModel): SceneLight[] {
  const positions = numbers(model.light_pos);
  const directions = numbers(model.light_dir);
  const colors = numbers(model.light_diffuse);
  return [...indices(model.light_bodyid).entries()]
    .filter(([, body]) => body === 0)
    .map(([i], order) => ({
      position: vectorAt(positions, 3 * i),
      direction: vectorAt(directions, 3 * i),
      color: vectorAt(colors, 3 * i),
      // The bindings (3.14.0) cannot read light_castshadow; the main light comes first in a scene.
      castsShadow: order === 0,
    }));
}
