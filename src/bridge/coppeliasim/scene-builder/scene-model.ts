import type { MainModule, MjModel } from '@mujoco/mujoco';
import { type Vector3, vectorAt } from '../../../common/rotations.ts';
import { readMesh } from '../../mujoco/describe-looks.ts';
import { shapeKinds } from '../../mujoco/describe-scene.ts';
import { indices, numbers, poseOf } from '../../mujoco/model-arrays.ts';
import type { Pose, ShapeKind } from '../../simulator.ts';
import { type MassProperties, tensorOf } from './mass.ts';
import { type Collision, readCollisions } from './model-collisions.ts';
import { type Drive, readDrives } from './model-drives.ts';
import { composePoses, origin } from './poses.ts';

/** A compiled model as plain data. All poses are in the world, at the reference configuration `qpos0`. */
export interface SceneModel {
  readonly name: string;
  /** m/s² */
  readonly gravity: Vector3;
  /** What the physics advances at a time, s. */
  readonly timeStep: number;
  /** Parents first; the world is the first. */
  readonly bodies: readonly ModelBody[];
  readonly geoms: readonly ModelGeom[];
  readonly collisions: readonly Collision[];
  /** What the model has and CoppeliaSim's scene will not, in words. */
  readonly notes: readonly string[];
}

export interface ModelBody {
  readonly name: string;
  readonly index: number;
  readonly parent: number;
  readonly pose: Pose;
  readonly mass: MassProperties;
  /** Principal moments, kg m², and the frame they are in. */
  readonly moments: Vector3;
  readonly inertialFrame: Pose;
  /** Whether nothing can move it. */
  readonly fixed: boolean;
  /** Whether it moves freely in the world. */
  readonly free: boolean;
  readonly joints: readonly ModelJoint[];
  readonly geoms: readonly ModelGeom[];
  readonly sites: readonly { readonly name: string; readonly pose: Pose }[];
}

export interface ModelJoint {
  readonly name: string;
  readonly kind: 'hinge' | 'slide' | 'ball';
  /** A point of the axis, and its direction. */
  readonly anchor: Vector3;
  readonly axis: Vector3;
  /** Position at the reference configuration, rad or m. */
  readonly reference: number;
  /** Lowest and highest position, rad or m; null where it has no limits. */
  readonly range: readonly [number, number] | null;
  readonly drive: Drive;
  /** Where it is in MuJoCo's `qpos`. */
  readonly address: number;
}

export interface ModelGeom {
  readonly name: string;
  readonly index: number;
  readonly body: number;
  readonly kind: ShapeKind;
  readonly pose: Pose;
  /** MuJoCo's sizes, m; half extents of the bounding box of a mesh. */
  readonly size: Vector3;
  readonly color: readonly [number, number, number, number];
  /** MuJoCo's viewer shows the groups 0 to 2 unless told otherwise. */
  readonly visible: boolean;
  readonly collides: boolean;
  /** Of a mesh: corners in the shape's frame (m), three a triangle, `[corners × 3]`, `[triangles × 3]`. */
  readonly mesh?: { readonly vertices: Float64Array; readonly faces: Int32Array };
}

const jointKinds = ['free', 'ball', 'slide', 'hinge'] as const;

/** Reads a compiled model, which may be freed afterwards. */
export function readSceneModel(mujoco: MainModule, model: MjModel): SceneModel {
  const nameAt = namesOf(model);
  const tuple = (array: Float64Array, at: number) => vectorAt(array, 3 * at);

  const parents = indices(model.body_parentid);
  const weld = indices(model.body_weldid);
  const [bodyPositions, bodyQuaternions] = [numbers(model.body_pos), numbers(model.body_quat)];
  const worldPoses: Pose[] = [];
  for (const [body, parent] of parents.entries()) {
    const own = poseOf(bodyPositions, bodyQuaternions, body);
    worldPoses.push(body === 0 ? origin : composePoses(worldPoses[parent] as Pose, own));
  }
  const inWorld = (body: number, pose: Pose) => composePoses(worldPoses[body] as Pose, pose);

  const collisions = readCollisions(model);
  const colliding = new Set(collisions.flatMap(({ geoms }) => geoms));
  const geomBodies = indices(model.geom_bodyid);
  const [geomPositions, geomQuaternions] = [numbers(model.geom_pos), numbers(model.geom_quat)];
  const geomKinds = indices(model.geom_type);
  const geomGroups = indices(model.geom_group);
  const sizes = numbers(model.geom_size);
  const colors = numbers(model.geom_rgba);
  const materials = indices(model.geom_matid);
  const materialColors = numbers(model.mat_rgba);
  const geoms = Array.from(geomBodies, (body, index): ModelGeom => {
    const kind = shapeKinds[geomKinds[index] as number] ?? 'mesh';
    const material = materials[index] as number;
    const paint = material >= 0 ? materialColors.subarray(4 * material) : colors.subarray(4 * index);
    const mesh = readMesh(model, index);
    return {
      name: nameAt('geom', index),
      index,
      body,
      kind,
      pose: inWorld(body, poseOf(geomPositions, geomQuaternions, index)),
      size: tuple(sizes, index),
      color: [paint[0] as number, paint[1] as number, paint[2] as number, paint[3] as number],
      visible: (geomGroups[index] as number) < 3 && (paint[3] as number) > 0,
      collides: colliding.has(index),
      ...(mesh && { mesh: { vertices: Float64Array.from(mesh.vertices), faces: Int32Array.from(mesh.faces) } }),
    };
  });

  const drives = readDrives(model);
  const jointTypes = indices(model.jnt_type);
  const jointBodies = indices(model.jnt_bodyid);
  const addresses = indices(model.jnt_qposadr);
  const reference = numbers(model.qpos0);
  const [anchors, axes, ranges] = [numbers(model.jnt_pos), numbers(model.jnt_axis), numbers(model.jnt_range)];
  /** The binding cannot read MuJoCo's booleans; where a joint is not limited its range is empty. */
  const rangeAt = (joint: number): readonly [number, number] | null => {
    const [low, high] = [ranges[2 * joint] as number, ranges[2 * joint + 1] as number];
    return low < high ? [low, high] : null;
  };
  const siteBodies = indices(model.site_bodyid);
  const [sitePositions, siteQuaternions] = [numbers(model.site_pos), numbers(model.site_quat)];
  const masses = numbers(model.body_mass);
  const moments = numbers(model.body_inertia);
  const [inertialPositions, inertialQuaternions] = [numbers(model.body_ipos), numbers(model.body_iquat)];

  const bodies = Array.from(parents, (parent, index): ModelBody => {
    const pose = worldPoses[index] as Pose;
    const joints = [...jointBodies.keys()].filter(joint => jointBodies[joint] === index);
    const inertialFrame = inWorld(index, poseOf(inertialPositions, inertialQuaternions, index));
    const own = tuple(moments, index);
    return {
      name: nameAt('body', index) || (index === 0 ? 'world' : `body_${index}`),
      index,
      parent: index === 0 ? -1 : parent,
      pose,
      moments: own,
      inertialFrame,
      mass: {
        mass: masses[index] as number,
        center: inertialFrame.position,
        inertia: tensorOf(own, inertialFrame.orientation),
      },
      // A body welded to the world has the world's weld id; a mocap body is moved by hand only.
      fixed: weld[index] === 0,
      free: joints.some(joint => jointTypes[joint] === 0),
      joints: joints
        .filter(joint => jointTypes[joint] !== 0)
        .map(joint => {
          const address = addresses[joint] as number;
          return {
            name: nameAt('joint', joint) || `joint_${joint}`,
            // A free joint was left out above.
            kind: jointKinds[jointTypes[joint] as number] as 'hinge' | 'slide' | 'ball',
            anchor: inWorld(index, { position: tuple(anchors, joint), orientation: [0, 0, 0, 1] }).position,
            axis: inWorld(index, { position: tuple(axes, joint), orientation: [0, 0, 0, 1] }).position.map(
              (value, i) => value - (pose.position[i] as number),
            ) as unknown as Vector3, // Three, as it was.
            reference: jointTypes[joint] === 1 ? 0 : (reference[address] as number),
            range: rangeAt(joint),
            drive: drives[joint] as Drive,
            address,
          };
        }),
      geoms: geoms.filter(geom => geom.body === index),
      sites: [...siteBodies.keys()]
        .filter(site => siteBodies[site] === index)
        .map(site => ({
          name: nameAt('site', site) || `site_${site}`,
          pose: inWorld(index, poseOf(sitePositions, siteQuaternions, site)),
        })),
    };
  });
  const option = model.opt;
  try {
    return {
      name: modelName(model),
      gravity: vectorAt(numbers(option.gravity)),
      timeStep: option.timestep,
      bodies,
      geoms,
      collisions,
      notes: notesOf(model),
    };
  } finally {
    option.delete();
  }

  function namesOf(of: MjModel) {
    const kinds = { body: 1, joint: 3, geom: 5, site: 6 } as const;
    return (kind: keyof typeof kinds, index: number) => mujoco.mj_id2name(of, kinds[kind], index) ?? '';
  }
}

/** The model's own name is the first text in its table of names. */
function modelName(model: MjModel): string {
  const bytes: Uint8Array = Uint8Array.from(model.names as ArrayLike<number>, code => code & 255); // Untyped bytes.
  return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString('utf8');
}

function notesOf(model: MjModel): string[] {
  const notes: string[] = [];
  const some = (array: ArrayLike<number>) => Array.from(array).some(value => value !== 0);
  if (model.neq > 0) notes.push(`${model.neq} equality constraints are left out`);
  if (model.ntendon > 0) notes.push(`${model.ntendon} tendons are left out; their actuators drive their joints`);
  if (model.ngravcomp > 0) notes.push('gravity compensation is left out: joints sag a little under their motors');
  if (some(numbers(model.dof_armature))) notes.push('the armature of joints is left out: Bullet has none');
  return notes;
}
