import type { MainModule, MjModel } from '@mujoco/mujoco';
import { vectorAt } from '../../common/rotations.ts';
import type { SceneLight, SceneMaterial, SceneMesh } from '../simulator.ts';
import { indices, numbers } from './model-arrays.ts';
import { nameOf } from './names.ts';

/** MuJoCo's numbers for height fields, meshes and signed distance fields, which are drawn by their mesh (mjtGeom). */
const heightFieldGeom = 1;
const meshGeoms: readonly number[] = [7, 8];
/** Rows and columns of a height field that are drawn at most. */
const drawnRows = 128;

/** Triangles of a shape that is a mesh or a height field, in the shape's frame; undefined for any other. */
export function readMesh(model: MjModel, geom: number): SceneMesh | undefined {
  const kind = indices(model.geom_type)[geom] as number;
  const asset = indices(model.geom_dataid)[geom] as number;
  if (asset < 0) return undefined;
  if (kind === heightFieldGeom) return readHeightField(model, asset);
  if (!meshGeoms.includes(kind)) return undefined;
  const slice = (array: ArrayLike<number>, start: number, count: number) =>
    Array.from({ length: 3 * count }, (_, i) => array[3 * start + i] as number);
  const at = (array: Int32Array) => array[asset] as number;
  return {
    vertices: slice(numbers(model.mesh_vert), at(indices(model.mesh_vertadr)), at(indices(model.mesh_vertnum))),
    faces: slice(indices(model.mesh_face), at(indices(model.mesh_faceadr)), at(indices(model.mesh_facenum))),
  };
}

/** The upper surface of a height field; a fine one is thinned out. */
function readHeightField(model: MjModel, field: number): SceneMesh {
  const [radiusX = 0, radiusY = 0, height = 0] = numbers(model.hfield_size).subarray(4 * field);
  const [rows, columns] = [indices(model.hfield_nrow)[field] as number, indices(model.hfield_ncol)[field] as number];
  const data = numbers(model.hfield_data).subarray(indices(model.hfield_adr)[field] as number);
  const drawn = (count: number) => {
    const steps = Math.min(count, drawnRows);
    return Array.from({ length: steps }, (_, i) => Math.round((i * (count - 1)) / Math.max(1, steps - 1)));
  };
  const [ys, xs] = [drawn(rows), drawn(columns)];
  const vertices = ys.flatMap(row =>
    xs.flatMap(column => [
      radiusX * ((2 * column) / Math.max(1, columns - 1) - 1),
      radiusY * ((2 * row) / Math.max(1, rows - 1) - 1),
      height * (data[row * columns + column] as number),
    ]),
  );
  const faces: number[] = [];
  for (let row = 0; row + 1 < ys.length; row++)
    for (let column = 0; column + 1 < xs.length; column++) {
      const corner = row * xs.length + column;
      const above = corner + xs.length;
      faces.push(corner, corner + 1, above + 1, corner, above + 1, above);
    }
  return { vertices, faces };
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
