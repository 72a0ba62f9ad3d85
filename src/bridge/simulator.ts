import type { Quaternion, Vector3 } from '../common/rotations.ts';
import type { Kinematics } from './kinematics.ts';

export type { Quaternion, Vector3 };

export interface Pose {
  readonly position: Vector3;
  readonly orientation: Quaternion;
}

/** Which of the gripper's pads press on what. Embedded: with more than 0.5 N. */
export interface Contacts {
  readonly leftPadTarget: boolean;
  readonly rightPadTarget: boolean;
  readonly leftPadTable: boolean;
  readonly rightPadTable: boolean;
}

/** All that a task may ask of any simulator, at one instant. World frame, SI units. Never changed once returned. */
export interface SimulatorState {
  /** Simulation time since the reset, s. */
  readonly time: number;
  /** Angles of the seven arm joints, rad. */
  readonly jointPositions: Float64Array;
  /** Angular velocities of the seven arm joints, rad/s. */
  readonly jointVelocities: Float64Array;
  /**
   * The wrist's tip, on the last joint's axis, 13.9 mm beyond the flange, turned as the original scene's `Sawyer_tip`:
   * z points along the fingers, x is the way they slide (the left one outwards).
   */
  readonly tip: Pose;
  /** The gripper's own frame, between its fingers' roots; turned as the tip. */
  readonly gripper: Pose;
  /** Middle of the two pads, m. */
  readonly padsCenter: Vector3;
  /** Free distance between the pads, m: 0 closed, 0.08 fully open. */
  readonly gripperOpening: number;
  /** The block to grasp: the pose of its centre. */
  readonly target: Pose;
  readonly contacts: Contacts;
  /** Whether the gripper's proximity sensor (a cone along the fingers) sees the target. */
  readonly targetDetected: boolean;
}

/** What the arm does during one control period. */
export type ArmCommand =
  /** Seven joint velocities, rad/s. A vector over the joints' velocity limits is scaled as a whole. */
  | { readonly kind: 'joint_velocity'; readonly velocities: ArrayLike<number> }
  /** A tip pose to move towards; joint velocities are solved anew every 25 ms where the simulator allows. */
  | { readonly kind: 'tip_goal'; readonly goal: Pose };

export interface SimulatorCommand {
  readonly arm: ArmCommand;
  /** Velocity of each finger, m/s: positive opens, negative closes, 0 holds the width it has been told. */
  readonly gripperVelocity: number;
}

/** A place to be shown to people, as a ball. */
export interface Mark {
  /** m, world frame. */
  readonly position: Vector3;
  /** m */
  readonly radius: number;
}

export interface SimulatorResetOptions {
  /** Angles of the seven arm joints, rad; velocities start at zero. */
  readonly jointPositions: ArrayLike<number>;
  readonly target: Pose;
  /** Free distance between the pads, m; fully open (0.08) by default. */
  readonly gripperOpening?: number;
  /** What the episode is about where it is not the target, such as a goal: for viewers, no physics knows of it. */
  readonly marks?: readonly Mark[];
}

/** Everything physical about a simulator at one instant; only the simulator that made it can read it. */
export interface Snapshot {
  readonly simulator: string;
  readonly data: Float64Array;
}

export type ShapeKind = 'box' | 'cylinder' | 'capsule' | 'sphere' | 'ellipsoid' | 'plane' | 'mesh';

export interface SceneShape {
  readonly name: string;
  readonly kind: ShapeKind;
  /** Pose in the body's frame. */
  readonly pose: Pose;
  /** MuJoCo's sizes, m: half extents of a box; radius and half length of a cylinder or capsule; radius of a sphere. */
  readonly size: Vector3;
  /** Red, green, blue, opacity in [0, 1]. */
  readonly color: readonly [number, number, number, number];
  readonly collides: boolean;
  /** Of a mesh: its triangles. */
  readonly mesh?: SceneMesh;
  /** How its surface looks, where the scene says. */
  readonly material?: SceneMaterial;
}

export interface SceneMesh {
  /** x y z of each vertex in the shape's frame, m. */
  readonly vertices: readonly number[];
  /** Three vertices of each triangle, counter-clockwise seen from outside. */
  readonly faces: readonly number[];
}

/** MuJoCo's numbers for a surface, each in [0, 1]. */
export interface SceneMaterial {
  readonly name: string;
  readonly specular: number;
  readonly shininess: number;
  readonly reflectance: number;
  readonly emission: number;
}

/** A light that stands still, world frame. */
export interface SceneLight {
  /** m */
  readonly position: Vector3;
  /** Where it shines. */
  readonly direction: Vector3;
  /** Red, green, blue in [0, 1]. */
  readonly color: Vector3;
  readonly castsShadow: boolean;
}

export interface SceneBody {
  readonly name: string;
  /** Index of the parent body, -1 for the world itself. */
  readonly parent: number;
  /** kg */
  readonly mass: number;
  readonly shapes: readonly SceneShape[];
}

/** Bodies and shapes of the scene, parents first; for viewers and the scene builder. */
export interface SceneDescription {
  readonly bodies: readonly SceneBody[];
  /** Lights of the scene; a viewer chooses its own where there are none. */
  readonly lights?: readonly SceneLight[];
}

/** A simulator, whichever it is, holding one scene with one arm. Nothing happens between calls. */
export interface Simulator {
  /** `mujoco`, `coppeliasim` … */
  readonly name: string;
  /** The version of what steps the physics, as it says itself. */
  readonly version?: string;
  /** Where it runs, for people, where that is not this process: `running at tcp://127.0.0.1:23000`. */
  readonly origin?: string;
  /** What `step` advances, s. */
  readonly controlPeriod: number;
  /** Forward and inverse kinematics of the arm, the same for every simulator. */
  readonly kinematics: Kinematics;
  /** Puts arm, gripper and target where told, at rest, with time 0. */
  reset(options: SimulatorResetOptions): Promise<SimulatorState>;
  /** Carries the command out for one control period. */
  step(command: SimulatorCommand): Promise<SimulatorState>;
  /** The state as of the last call, without advancing. */
  state(): Promise<SimulatorState>;
  snapshot(): Promise<Snapshot>;
  /** Puts the whole physical state back; exact on the embedded simulator. */
  restore(snapshot: Snapshot): Promise<SimulatorState>;
  describe(): Promise<SceneDescription>;
  /** Poses of `describe().bodies`, in their order: x y z, qx qy qz qw each; `[bodies × 7]`. */
  bodyPoses(): Promise<Float64Array>;
  /** Where shapes touch (m) and what the first does to the second (N), world frame; only where it can be said. */
  contactPoints?(): Promise<readonly { readonly position: Vector3; readonly force: Vector3 }[]>;
  /**
   * Shows a line of text to whoever looks at the simulator's own window; only where it has one.
   *
   * It may be shown no earlier than with the next step: do not wait for it between two. Rejects where it cannot be shown.
   */
  announce?(text: string): Promise<void>;
  close(): Promise<void>;
}
