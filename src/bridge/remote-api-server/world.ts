import { closeAndThrow } from '../../common/close-all.ts';
import { createMujocoSimulator } from '../mujoco/create-simulator.ts';
import type { ContactPoint } from '../mujoco/read-contacts.ts';
import type { ShapeDistance } from '../mujoco/read-forces.ts';
import { defaultScene, type TargetOptions } from '../mujoco/scene-file.ts';
import type { MujocoSimulator } from '../mujoco/simulator.ts';
import type { Pose, Simulator, SimulatorCommand, SimulatorState, Vector3 } from '../simulator.ts';
import { CallError } from './errors.ts';
import { compose, relative } from './poses.ts';
import { boxOf, buildScene, listedAngles, listedOpening } from './scene/build-scene.ts';
import { findByPath } from './scene/lookup.ts';
import type { Scene } from './scene/scene.ts';
import type { JointSettings, SceneObject } from './scene/scene-object.ts';
import { poseOf } from './values.ts';

/** Where the original scene has its block as it is loaded. */
const startingTarget: Pose = { position: [0.35, 0.025, 0.8], orientation: [0, 0, 0, 1] };

/** The state that the original scene is loaded in. */
const beginning = { jointPositions: listedAngles, target: startingTarget, gripperOpening: listedOpening };

/** What can be put in place at once; what is left out stays where it is. All of it comes to rest. */
export interface Placement {
  readonly jointPositions?: ArrayLike<number>;
  readonly target?: Pose;
  readonly gripperOpening?: number;
}

/**
 * The embedded simulator with the scene of objects upon it.
 *
 * Poses of objects are those of the bodies that carry them, looked up when somebody asks.
 */
export class World {
  readonly scene: Scene;
  readonly target: SceneObject;
  private simulator: MujocoSimulator;
  /** The MuJoCo XML file. */
  readonly scenePath: string;
  private targetOptions: TargetOptions;
  private current: SimulatorState;
  /** Body poses of now and of before the last step, `[bodies × 7]`; undefined where nobody has asked. */
  private poses: Float64Array | undefined;
  private posesBefore: Float64Array | undefined;
  private fingersBefore: { left: number; right: number } | undefined;
  private lastWork: Promise<unknown> = Promise.resolve();

  private constructor(
    simulator: MujocoSimulator,
    scenePath: string,
    targetOptions: TargetOptions,
    scene: Scene,
    state: SimulatorState,
  ) {
    this.simulator = simulator;
    this.scenePath = scenePath;
    this.targetOptions = targetOptions;
    this.scene = scene;
    this.current = state;
    // The list of objects, which is part of the package, has it.
    this.target = findByPath(scene, '/target') as SceneObject;
  }

  static async open(scenePath = defaultScene, target?: TargetOptions): Promise<World> {
    const simulator = await createMujocoSimulator({
      scene: scenePath,
      ...(target === undefined ? {} : { target }),
    });
    try {
      const state = await simulator.reset(beginning);
      const options = target ?? (await targetOf(simulator));
      return new World(simulator, scenePath, options, await buildScene(simulator, options), state);
    } catch (error) {
      return closeAndThrow(error, simulator);
    }
  }

  get state(): SimulatorState {
    return this.current;
  }

  get kinematics(): Simulator['kinematics'] {
    return this.simulator.kinematics;
  }

  get period(): number {
    return this.simulator.controlPeriod;
  }

  get targetSize(): Vector3 {
    return this.targetOptions.size;
  }

  /** Runs work that must see and leave the world whole, after all such work that was asked for before. */
  exclusively<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const result = this.lastWork.then(work);
    this.lastWork = result.catch(() => {});
    return result;
  }

  /** One control period. `measured` keeps the poses of before it, which velocities of objects are computed from. */
  async step(command: SimulatorCommand, measured: boolean): Promise<SimulatorState> {
    this.posesBefore = measured ? await this.bodyPoses() : undefined;
    this.fingersBefore = measured ? this.fingers() : undefined;
    this.poses = undefined;
    this.current = await this.simulator.step(command);
    return this.current;
  }

  async reset(options: Parameters<Simulator['reset']>[0]): Promise<SimulatorState> {
    this.poses = this.posesBefore = this.fingersBefore = undefined;
    this.current = await this.simulator.reset(options);
    return this.current;
  }

  /** Puts some things in place, at rest, and leaves the others where they are, at rest as well. */
  async place({ jointPositions, target, gripperOpening }: Placement): Promise<void> {
    const { state } = this;
    await this.reset({
      jointPositions: jointPositions ?? state.jointPositions,
      target: target ?? state.target,
      gripperOpening: Math.min(gripperOpening ?? state.gripperOpening, listedOpening),
    });
  }

  /** The scene as it is loaded: arm, gripper and target where they begin, and nothing of what clients made. */
  async putBack(): Promise<void> {
    for (const object of [...this.scene.objects.values()]) if (object.made) this.scene.remove(object);
    await this.reset(beginning);
  }

  /** The embedded simulator is made anew with another block; everything stays where it is, at rest. */
  async changeTarget(changed: Partial<TargetOptions>): Promise<void> {
    const options = { ...this.targetOptions, ...changed };
    const { state } = this;
    const simulator = await createMujocoSimulator({
      scene: this.scenePath,
      target: options,
    }).catch((error: Error) => {
      throw new CallError(`the block cannot be of that size and mass: ${error.message}`);
    });
    await this.simulator.close();
    this.simulator = simulator;
    this.targetOptions = options;
    const { shape } = this.target;
    if (shape) Object.assign(shape, { box: boxOf(options.size), mass: options.mass });
    await this.place({
      jointPositions: state.jointPositions,
      target: state.target,
      gripperOpening: state.gripperOpening,
    });
  }

  /** Pose of an object in the world. */
  async poseOf(object: SceneObject): Promise<Pose> {
    return this.poseIn(object, await this.bodyPoses());
  }

  /** Pose of an object before the last step, undefined where it is not known. */
  poseBefore(object: SceneObject): Pose | undefined {
    return this.posesBefore && this.poseIn(object, this.posesBefore);
  }

  /** The frame that an object's children are in: beyond the joint's own motion where it is a joint. */
  async frameOf(object: SceneObject): Promise<Pose> {
    return this.frameIn(object, await this.bodyPoses());
  }

  /** Puts an object somewhere in the world, and what hangs on it with it. */
  async setPose(object: SceneObject, pose: Pose): Promise<void> {
    if (object === this.target) return this.place({ target: pose });
    const held = object.type === 'shape' || object.type === 'joint';
    if (object.body >= 0 && held)
      throw new CallError(
        `/${object.alias} is held in place by the embedded scene; move joints or the target instead.`,
      );
    const poses = await this.bodyPoses();
    const parent = this.scene.objects.get(object.parent);
    const frame = object.body >= 0 ? poseOf(poses, 7 * object.body) : parent && this.frameIn(parent, poses);
    object.offset = frame ? relative(frame, pose) : pose;
  }

  /** Value of a joint as the physics has it, rad or m. */
  jointPosition({ drive, position }: JointSettings): number {
    if (drive.kind === 'arm') return this.current.jointPositions[drive.index] as number;
    if (drive.kind === 'none') return position;
    return this.fingers()[drive.side];
  }

  /** Where shapes touch; by the names that they have in the embedded simulator. */
  contactPoints(): Promise<readonly ContactPoint[]> {
    return this.simulator.contactPoints();
  }

  /** What the motor does to a joint, N·m or N; nothing where nothing drives it. */
  async motorForce({ drive }: JointSettings): Promise<number> {
    if (drive.kind === 'none') return 0;
    return this.simulator.motorForce(drive.kind === 'arm' ? `j${drive.index}` : `${drive.side}_finger`);
  }

  /** Distance of two shapes by the names that they have in the embedded simulator; undefined beyond `limit` (m). */
  shapeDistance(shapes: readonly [string, string], limit: number): Promise<ShapeDistance | undefined> {
    return this.simulator.shapeDistance(shapes, limit);
  }

  /** Velocity of a finger over the last step, m/s, positive when it opens. */
  fingerVelocity(side: 'left' | 'right'): number {
    const before = this.fingersBefore;
    if (!before) return 0;
    const now = this.fingers();
    return (now[side] - before[side]) / this.period;
  }

  async close(): Promise<void> {
    await this.simulator.close();
  }

  /** How far each finger is open, m. */
  private fingers(): { left: number; right: number } {
    const { tip, padsCenter, gripperOpening } = this.current;
    // The pads' middle is off the tip's axis by half of what the fingers differ.
    const [offAxis] = relative(tip, { position: padsCenter, orientation: tip.orientation }).position;
    return { left: gripperOpening / 2 + offAxis, right: gripperOpening / 2 - offAxis };
  }

  private async bodyPoses(): Promise<Float64Array> {
    this.poses ??= await this.simulator.bodyPoses();
    return this.poses;
  }

  private poseIn(object: SceneObject, poses: Float64Array): Pose {
    if (object.body >= 0) return compose(poseOf(poses, 7 * object.body), object.offset);
    const parent = this.scene.objects.get(object.parent);
    return parent ? compose(this.frameIn(parent, poses), object.offset) : object.offset;
  }

  private frameIn(object: SceneObject, poses: Float64Array): Pose {
    const pose = this.poseIn(object, poses);
    if (!object.joint) return pose;
    const value = this.jointPosition(object.joint);
    return compose(
      pose,
      object.joint.prismatic
        ? { position: [0, 0, value], orientation: [0, 0, 0, 1] }
        : { position: [0, 0, 0], orientation: [0, 0, Math.sin(value / 2), Math.cos(value / 2)] },
    );
  }
}

/** Size and mass of the block that a scene has of its own. */
async function targetOf(simulator: Simulator): Promise<TargetOptions> {
  const { bodies } = await simulator.describe();
  for (const { mass, shapes } of bodies) {
    const shape = shapes.find(({ name }) => name === 'target');
    if (shape) return { size: [2 * shape.size[0], 2 * shape.size[1], 2 * shape.size[2]], mass };
  }
  throw new CallError('the scene has no target.');
}
