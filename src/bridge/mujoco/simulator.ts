import type { DoubleBuffer, MjData } from '@mujoco/mujoco';
import { ForwardKinematics } from '../arm/chain.ts';
import { ArmKinematics, scaleToLimits } from '../arm/inverse-kinematics.ts';
import { checkNumber, checkNumbers, checkPose, checkReset } from '../checks.ts';
import { ForeignSnapshotError, SimulationDivergedError, SimulatorClosedError } from '../errors.ts';
import type {
  SceneDescription,
  Simulator,
  SimulatorCommand,
  SimulatorResetOptions,
  SimulatorState,
  Snapshot,
} from '../simulator.ts';
import { type CompiledScene, releaseScene } from './compiled-scenes.ts';
import { DataViews } from './data-views.ts';
import { describeScene } from './describe-scene.ts';
import { flippedHome, home } from './kinematics.ts';
import type { SceneLayout } from './layout.ts';
import { type ContactPoint, readContacts } from './read-contacts.ts';
import { readDistance, readMotorForce, type ShapeDistance } from './read-forces.ts';
import { readState } from './read-state.ts';

/** Physics steps in a control period, and between two solutions of the inverse kinematics. */
const substeps = 10;
const solveEvery = 5;
/** The embedded simulator: a scene of MuJoCo's, stepped in this process. Exact: the same calls give the same states. */
export class MujocoSimulator implements Simulator {
  readonly name = 'mujoco';
  readonly version: string;
  readonly controlPeriod: number;
  readonly kinematics: ArmKinematics;
  private readonly scene: CompiledScene;
  private readonly layout: SceneLayout;
  private readonly forward: ForwardKinematics;
  /** Names simulator, scene and target in a snapshot. */
  private readonly identity: string;
  private readonly integrationState: number;
  private readonly velocities = new Float64Array(7);
  private data: MjData;
  private views: DataViews;
  private stateBuffer: DoubleBuffer;
  private description: SceneDescription | undefined;
  private closed = false;

  /** Takes a scene over: it is released when the simulator is closed. */
  constructor(scene: CompiledScene) {
    const { mujoco, model, layout } = scene;
    this.scene = scene;
    this.version = mujoco.mj_versionString();
    this.identity = `${this.name}:${scene.key}`;
    this.layout = layout;
    this.controlPeriod = substeps * layout.timeStep;
    this.kinematics = new ArmKinematics(layout.chain, home, flippedHome);
    this.forward = new ForwardKinematics(layout.chain);
    this.integrationState = mujoco.mjtState.mjSTATE_INTEGRATION.value;
    this.data = new mujoco.MjData(model);
    this.views = new DataViews(this.data);
    this.stateBuffer = new mujoco.DoubleBuffer(mujoco.mj_stateSize(model, this.integrationState));
  }

  async reset(options: SimulatorResetOptions): Promise<SimulatorState> {
    this.assertOpen();
    const { layout, views } = this;
    const { jointPositions } = options;
    const { gripperOpening, target } = checkReset(options, layout.chain.limits, layout.maximumOpening);
    this.scene.mujoco.mj_resetData(this.scene.model, this.data);
    const positions = views.positions;
    for (let j = 0; j < 7; j++) positions[layout.arm.position + j] = jointPositions[j] as number;
    positions[layout.leftFinger] = positions[layout.rightFinger] = gripperOpening / 2;
    const [x, y, z, w] = target.orientation;
    positions.set(target.position, layout.target);
    positions.set([w, x, y, z], layout.target + 3);
    views.controls[layout.gripperControl] = gripperOpening;
    // Contacts of the state as it was put.
    this.scene.mujoco.mj_forward(this.scene.model, this.data);
    return this.readState();
  }

  async step(command: SimulatorCommand): Promise<SimulatorState> {
    this.assertOpen();
    const { layout, scene, data, velocities } = this;
    const { arm, gripperVelocity } = command;
    checkNumber('The gripper velocity of a step', gripperVelocity);
    const goal = arm.kind === 'tip_goal' ? checkPose('The tip goal of a step', arm.goal) : undefined;
    if (arm.kind === 'joint_velocity') {
      checkNumbers('The joint velocities of a step', arm.velocities, 7);
      velocities.set(arm.velocities);
      scaleToLimits(velocities, layout.chain.limits.velocity);
    }
    this.turnGripper(gripperVelocity);
    const [closest, widest] = layout.gripperControlRange;
    const opened = 2 * gripperVelocity * layout.timeStep;
    for (let substep = 0; substep < substeps; substep++) {
      const controls = this.views.controls;
      if (substep % solveEvery === 0) {
        if (goal) {
          const start = layout.arm.position;
          this.kinematics.velocitiesTowards(this.views.positions.subarray(start, start + 7), goal, velocities);
        }
        controls.set(velocities, layout.arm.control);
      }
      const opening = (controls[layout.gripperControl] as number) + opened;
      controls[layout.gripperControl] = Math.min(Math.max(opening, closest), widest);
      scene.mujoco.mj_step(scene.model, data);
    }
    this.assertFinite();
    return this.readState();
  }

  async state(): Promise<SimulatorState> {
    this.assertOpen();
    return this.readState();
  }

  async snapshot(): Promise<Snapshot> {
    this.assertOpen();
    const { scene, data, stateBuffer } = this;
    scene.mujoco.mj_getState(scene.model, data, stateBuffer, this.integrationState);
    // A view of the buffer; the copy below is what leaves. Sensors are no part of MuJoCo's state, but of ours.
    const physics = stateBuffer.GetView() as Float64Array;
    const sensors = this.views.sensors;
    const copy = new Float64Array(physics.length + sensors.length);
    copy.set(physics);
    copy.set(sensors, physics.length);
    return { simulator: this.identity, data: copy };
  }

  async restore(snapshot: Snapshot): Promise<SimulatorState> {
    this.assertOpen();
    const size = this.stateBuffer.GetElementCount();
    const sensors = this.views.sensors;
    const wanted = size + sensors.length;
    if (snapshot.simulator !== this.identity || snapshot.data.length !== wanted)
      throw new ForeignSnapshotError(
        `A snapshot of "${snapshot.simulator}" with ${snapshot.data.length} numbers cannot be restored by ` +
          `"${this.identity}", whose have ${wanted}: simulator, scene and target must be the same. Reset instead.`,
      );
    checkNumbers('A snapshot to restore', snapshot.data, wanted);
    const { scene, data } = this;
    // MuJoCo's declaration asks for number[]; it takes typed arrays as well.
    const physics = snapshot.data.subarray(0, size) as unknown as number[];
    scene.mujoco.mj_setState(scene.model, data, physics, this.integrationState);
    this.views.sensors.set(snapshot.data.subarray(size));
    return this.readState();
  }

  async describe(): Promise<SceneDescription> {
    this.assertOpen();
    this.description ??= describeScene(this.scene);
    return this.description;
  }

  async bodyPoses(): Promise<Float64Array> {
    this.assertOpen();
    const { mujoco, model } = this.scene;
    // Poses are those before the last integration until they are computed anew; the state does not change by it.
    mujoco.mj_kinematics(model, this.data);
    const positions = this.data.xpos as Float64Array;
    const quaternions = this.data.xquat as Float64Array;
    const bodies = positions.length / 3;
    const poses = new Float64Array(7 * bodies);
    for (let body = 0; body < bodies; body++) {
      poses.set(positions.subarray(3 * body, 3 * body + 3), 7 * body);
      for (let i = 0; i < 4; i++) poses[7 * body + 3 + i] = quaternions[4 * body + ((i + 1) % 4)] as number;
    }
    return poses;
  }

  /** Every point at which two shapes touch, with its force; as of the state before the last integration. */
  async contactPoints(): Promise<readonly ContactPoint[]> {
    this.assertOpen();
    return readContacts(this.scene, this.data);
  }

  /** What drives a joint, by its name: N·m or N; as of the state before the last integration. */
  async motorForce(joint: string): Promise<number> {
    this.assertOpen();
    return readMotorForce(this.scene, this.data, joint);
  }

  /** Distance of two shapes by their names; undefined if there is none, or beyond `limit` (m). */
  async shapeDistance(shapes: readonly [string, string], limit: number): Promise<ShapeDistance | undefined> {
    this.assertOpen();
    return readDistance(this.scene, this.data, shapes, limit);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.data.delete();
    this.stateBuffer.delete();
    releaseScene(this.scene);
  }

  /** Where the opening told lies beyond the real one, a command to turn back starts from the real one, at once. */
  private turnGripper(velocity: number): void {
    const { controls, positions } = this.views;
    const { gripperControl, leftFinger, rightFinger } = this.layout;
    const opening = (positions[leftFinger] as number) + (positions[rightFinger] as number);
    const told = controls[gripperControl] as number;
    if ((velocity > 0 && told < opening) || (velocity < 0 && told > opening)) controls[gripperControl] = opening;
  }

  private readState(): SimulatorState {
    return readState(this.layout, this.views, this.forward, this.data.time);
  }

  private assertOpen(): void {
    if (this.closed)
      throw new SimulatorClosedError('A simulator was used after it was closed. Create another one instead.');
  }

  private assertFinite(): void {
    let sum = 0;
    for (const value of this.views.positions) sum += value;
    for (const value of this.views.velocities) sum += value;
    // NaN and infinities survive a sum, and infinities of opposite signs make NaN.
    if (!Number.isFinite(sum))
      throw new SimulationDivergedError(
        `The simulation diverged at ${this.data.time.toFixed(3)} s: its positions [${[...this.views.positions]}] or ` +
          `velocities [${[...this.views.velocities]}] are not finite. Reset it, or restore a snapshot.`,
      );
  }
}
