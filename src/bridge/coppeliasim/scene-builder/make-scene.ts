import type { Vector3 } from '../../../common/rotations.ts';
import type { Pose } from '../../simulator.ts';
import { inertiaBox, tensorInFrame } from './mass.ts';
import { asAlias, type SceneNames } from './names.ts';
import type { Link, Plan } from './plan.ts';
import { composePoses, invertPose, rotationFromZ } from './poses.ts';
import type { ModelJoint, SceneModel } from './scene-model.ts';
import { makeMassCarrier, makeShape } from './shapes.ts';
import { constants, type SimCalls } from './sim-calls.ts';

/** An object that was made, and what it follows: the pose of a body of the model, from where it stands itself. */
export interface MadeObject {
  readonly alias: string;
  readonly handle: number;
  readonly body: number;
  /** Where it is, in the body's frame. */
  readonly inBody: Pose;
}

export interface MadeScene {
  readonly objects: readonly MadeObject[];
  readonly joints: readonly { readonly handle: number; readonly joint: ModelJoint }[];
}

/** The layer of shapes that only the physics needs: CoppeliaSim's models keep them on the ninth, which is hidden. */
const HIDDEN_LAYER = 256;
/** How far a slide without limits may go, m; CoppeliaSim's have limits always. */
const ENDLESS = 10;
/** Length and diameter of a joint as it is drawn, m. */
const JOINT_SIZES = [0.05, 0.01];
const DUMMY_SIZE = 0.01;
/** Half extents of a fixed body without shapes that joints hang on, m. */
const ANCHOR: Vector3 = [0.005, 0.005, 0.005];
/** Sensor size (m), and thresholds that do not matter: it does not break. */
const FORCE_SENSOR = { ints: [0, 1, 10, 0, 0], floats: [0.01, 100, 10, 0, 0] };

/** Simulation and physics step of the original scene, s. */
export const timeSteps = { simulation: 0.05, physics: 0.005 } as const;

/** Sets what concerns the whole scene: engine (Bullet 2.78), steps, gravity; takes the default scene's floor out. */
export async function setUpScene(sim: SimCalls, model: SceneModel): Promise<void> {
  const floor = await sim.number('getObject', '/Floor', { noError: true });
  // In some versions it is a model, in others a mere shape.
  if (floor >= 0) await sim.do('removeModel', floor).catch(() => sim.do('removeObjects', [floor]));
  await sim.do('setInt32Param', constants.int.dynamicEngine, constants.bullet.engine);
  await sim.do('setFloatParam', constants.float.simulationTimeStep, timeSteps.simulation);
  await sim.do('setFloatParam', constants.float.physicsTimeStep, timeSteps.physics);
  await sim.do('setArrayParam', constants.array.gravity, [...model.gravity]);
}

/** Makes all objects of a plan, at the reference configuration. */
export async function makeScene(sim: SimCalls, plan: Plan, model: SceneModel, names: SceneNames): Promise<MadeScene> {
  const objects: MadeObject[] = [];
  const joints: { handle: number; joint: ModelJoint }[] = [];
  const handles: number[] = [];
  const remember = (alias: string, handle: number, body: number, pose: Pose) => {
    const bodyPose = model.bodies[body]?.pose as Pose; // Every link has a body.
    objects.push({ alias, handle, body, inBody: composePoses(invertPose(bodyPose), pose) });
  };
  for (const link of plan.links) {
    const handle = await makeLink(sim, link);
    const pose = await sim.pose(handle);
    if (link.mass !== undefined) await setMass(sim, handle, link, pose);
    if (link.visuals.length > 0) {
      const visual = await makeShape(sim, link.visuals);
      await setDynamics(sim, visual, true, false);
      await sim.setAlias(visual, `${link.alias}_visible`);
      await sim.setParent(visual, handle);
    }
    const parent = link.parent < 0 ? undefined : (handles[link.parent] as number);
    const connector = await makeConnector(sim, link);
    if (connector !== undefined && parent !== undefined) await sim.setParent(connector, parent);
    const above = connector ?? parent;
    if (above !== undefined) await sim.setParent(handle, above);
    if (link.connection.kind === 'joint' && connector !== undefined)
      joints.push({ handle: connector, joint: link.connection.joint });
    handles.push(handle);
    if (!link.intermediate) remember(link.alias, handle, link.body.index, pose);
    for (const site of link.sites) {
      const alias = names.sites[site.name] ?? asAlias(site.name);
      const dummy = await sim.handle('createDummy', DUMMY_SIZE);
      await sim.setPose(dummy, site.pose);
      await sim.setAlias(dummy, alias);
      if (link.body.index !== 0) await sim.setParent(dummy, handle);
      remember(alias, dummy, link.body.index, site.pose);
    }
  }
  return { objects, joints };
}

async function makeLink(sim: SimCalls, link: Link): Promise<number> {
  let handle: number;
  if (link.geoms.length > 0) {
    handle = await makeShape(sim, link.geoms);
    await setDynamics(sim, handle, link.fixed, link.respondable || link.anchor);
    const mask = link.masks.local | (link.masks.global << 8);
    await sim.do('setObjectInt32Param', handle, constants.shape.respondableMask, mask);
    if (link.respondable)
      for (const parameter of [constants.bullet.frictionOf278, constants.bullet.friction])
        await sim.do('setEngineFloatParam', parameter, handle, link.friction);
    if (!link.geoms.some(geom => geom.visible))
      await sim.do('setObjectInt32Param', handle, constants.object.visibilityLayer, HIDDEN_LAYER);
  } else if (link.mass !== undefined) {
    const { body, mass } = link;
    const scaled = body.moments.map(moment => (moment * mass.mass) / body.mass.mass) as unknown as Vector3; // Three.
    handle = await makeMassCarrier(sim, body.inertialFrame, inertiaBox(mass, scaled));
    await setDynamics(sim, handle, false, false);
  } else if (link.anchor) {
    handle = await makeMassCarrier(sim, link.body.pose, ANCHOR);
    await setDynamics(sim, handle, true, true);
    await sim.do('setObjectInt32Param', handle, constants.shape.respondableMask, 0);
  } else {
    handle = await sim.handle('createDummy', DUMMY_SIZE);
    await sim.setPose(handle, link.body.pose);
  }
  await sim.setAlias(handle, link.alias);
  return handle;
}

async function setDynamics(sim: SimCalls, handle: number, fixed: boolean, respondable: boolean): Promise<void> {
  await sim.do('setObjectInt32Param', handle, constants.shape.static, Number(fixed));
  await sim.do('setObjectInt32Param', handle, constants.shape.respondable, Number(respondable));
}

/**
 * Mass first, as setting it scales the inertia that is there.
 *
 * Source: CoppeliaSim's regular API, `sim.setShapeInertia`: the tensor, and its frame as a 3 × 4 matrix in the shape's.
 */
async function setMass(sim: SimCalls, handle: number, { mass }: Link, pose: Pose): Promise<void> {
  if (mass === undefined) return;
  await sim.do('setShapeMass', handle, mass.mass);
  const inertia = tensorInFrame(mass.inertia, pose.orientation);
  const center = composePoses(invertPose(pose), { position: mass.center, orientation: [0, 0, 0, 1] }).position;
  const frame = [0, 1, 2].flatMap(row => [0, 1, 2, 3].map(at => (at === 3 ? center[row] : Number(at === row))));
  await sim.do('setShapeInertia', handle, inertia, frame);
}

async function makeConnector(sim: SimCalls, { connection, body }: Link): Promise<number | undefined> {
  if (connection.kind === 'none') return undefined;
  if (connection.kind === 'rigid') {
    const sensor = await sim.handle('createForceSensor', 0, FORCE_SENSOR.ints, FORCE_SENSOR.floats);
    await sim.setPose(sensor, body.pose);
    await sim.setAlias(sensor, connection.alias);
    return sensor;
  }
  const { joint, alias } = connection;
  const { revolute, prismatic, spherical } = constants.joint;
  const type = { hinge: revolute, slide: prismatic, ball: spherical }[joint.kind];
  const handle = await sim.handle('createJoint', type, constants.jointModeDynamic, 0, JOINT_SIZES);
  await sim.setPose(handle, { position: joint.anchor, orientation: rotationFromZ(joint.axis) });
  await sim.setAlias(handle, alias);
  if (joint.kind === 'ball') return handle;
  const [low, high] = joint.range ?? (joint.kind === 'hinge' ? [-Math.PI, Math.PI] : [-ENDLESS, ENDLESS]);
  await sim.do('setJointInterval', handle, joint.kind === 'hinge' && joint.range === null, [low, high - low]);
  await sim.do('setObjectInt32Param', handle, constants.jointParam.driveMode, constants.drive[joint.drive.mode]);
  await sim.do('setJointTargetForce', handle, joint.drive.mode === 'force' ? 0 : joint.drive.force);
  if (joint.drive.mode === 'velocity') await sim.do('setJointTargetVelocity', handle, 0);
  // Before anything hangs on it: what is hung on it afterwards stays where it is.
  await sim.do('setJointPosition', handle, joint.reference);
  return handle;
}
