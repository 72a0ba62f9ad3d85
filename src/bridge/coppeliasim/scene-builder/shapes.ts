import type { Vector3 } from '../../../common/rotations.ts';
import type { Pose } from '../../simulator.ts';
import { composePoses } from './poses.ts';
import type { ModelGeom } from './scene-model.ts';
import { constants, type SimCalls } from './sim-calls.ts';

/** A plane becomes a slab with its face where the plane is: an infinitely thin shape is no good to the physics. */
const SLAB = 0.04;
/** What an endless plane becomes, m. */
const ENDLESS = 10;
/** Edges between faces that meet at less than this are smoothed, rad. */
const SHADING_ANGLE = 0.35;
/** `sim.createPrimitiveShape`: smooth edges. */
const SMOOTH = 2;

const { primitive } = constants;

/** Kind and full sizes (m) of the primitive that a shape becomes, and where it stands; undefined for a mesh. */
export function primitiveOf({
  kind,
  size: [a, b, c],
  pose,
}: ModelGeom): { readonly type: number; readonly sizes: Vector3; readonly pose: Pose } | undefined {
  switch (kind) {
    case 'box':
      return { type: primitive.cuboid, sizes: [2 * a, 2 * b, 2 * c], pose };
    case 'sphere':
      return { type: primitive.spheroid, sizes: [2 * a, 2 * a, 2 * a], pose };
    case 'ellipsoid':
      return { type: primitive.spheroid, sizes: [2 * a, 2 * b, 2 * c], pose };
    case 'cylinder':
      return { type: primitive.cylinder, sizes: [2 * a, 2 * a, 2 * b], pose };
    case 'capsule':
      // MuJoCo's half length is the cylinder's; CoppeliaSim's size is that of the whole.
      return { type: primitive.capsule, sizes: [2 * a, 2 * a, 2 * (a + b)], pose };
    case 'plane': {
      const extent = (half: number) => (half > 0 ? 2 * half : ENDLESS);
      const below: Pose = { position: [0, 0, -SLAB / 2], orientation: [0, 0, 0, 1] };
      return { type: primitive.cuboid, sizes: [extent(a), extent(b), SLAB], pose: composePoses(pose, below) };
    }
    default:
      return undefined;
  }
}

/** Makes one object of some shapes, each with its colour, where they stand. */
export async function makeShape(sim: SimCalls, geoms: readonly ModelGeom[]): Promise<number> {
  const handles: number[] = [];
  for (const geom of geoms) {
    const made = primitiveOf(geom);
    const handle =
      made === undefined
        ? await makeMesh(sim, geom)
        : await sim.handle('createPrimitiveShape', made.type, [...made.sizes], SMOOTH);
    if (made !== undefined) await sim.setPose(handle, made.pose);
    await sim.setColor(handle, [geom.color[0], geom.color[1], geom.color[2]]);
    handles.push(handle);
  }
  // Not merged: the parts keep their colours, and primitives stay what the physics does best with.
  return handles.length === 1 ? (handles[0] as number) : await sim.handle('groupShapes', handles, false);
}

/** A mesh is given in the world, and CoppeliaSim chooses its frame. */
async function makeMesh(sim: SimCalls, { mesh, pose }: ModelGeom): Promise<number> {
  const vertices: number[] = [];
  const corners = mesh?.vertices ?? new Float64Array();
  for (let i = 0; i < corners.length; i += 3) {
    const at: Vector3 = [corners[i] as number, corners[i + 1] as number, corners[i + 2] as number];
    vertices.push(...composePoses(pose, { position: at, orientation: [0, 0, 0, 1] }).position);
  }
  return await sim.handle('createMeshShape', 0, SHADING_ANGLE, vertices, [...(mesh?.faces ?? [])]);
}

/** A box that only carries mass: invisible, and nothing touches it. */
export async function makeMassCarrier(sim: SimCalls, pose: Pose, halfExtents: Vector3): Promise<number> {
  const sizes = halfExtents.map(half => 2 * half);
  const handle = await sim.handle('createPrimitiveShape', primitive.cuboid, sizes, 0);
  await sim.setPose(handle, pose);
  await sim.do('setObjectInt32Param', handle, constants.object.visibilityLayer, 0);
  return handle;
}
