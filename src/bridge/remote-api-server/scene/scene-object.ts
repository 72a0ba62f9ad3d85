import type { Pose } from '../../simulator.ts';

/** CoppeliaSim's numbers for kinds of objects (`sim.sceneobject_…`). */
export const objectTypes = {
  shape: 0,
  joint: 1,
  camera: 3,
  dummy: 4,
  proximitysensor: 5,
  visionsensor: 9,
  forcesensor: 12,
  light: 13,
  script: 17,
} as const;

export type ObjectType = keyof typeof objectTypes;

/** How a joint is controlled, as far as this server drives one (`sim.jointdynctrl_…`). */
export const controlModes = { velocity: 4, position: 8 } as const;

/** What drives a joint: one of the arm's, one of the gripper's fingers, or nobody but a client (the head's). */
export type JointDrive =
  | { readonly kind: 'arm'; readonly index: number }
  | { readonly kind: 'finger'; readonly side: 'left' | 'right' }
  | { readonly kind: 'none' };

/** A joint's settings; rad and rad/s for hinges, m and m/s for slides. */
export interface JointSettings {
  readonly drive: JointDrive;
  readonly prismatic: boolean;
  readonly lower: number;
  readonly upper: number;
  /** Where it is; only of a joint that nothing drives, others are where the physics has them. */
  position: number;
  control: number;
  targetPosition: number;
  targetVelocity: number;
  /** Kept for those who read it: the model's own torque limits hold. */
  targetForce: number;
}

/** A shape's measures; m and kg. */
export interface ShapeSettings {
  /** Lowest and highest corner of the bounding box in the shape's own frame: x x, y y, z z. */
  box: readonly [number, number, number, number, number, number];
  mass: number;
  color: readonly [number, number, number];
}

/** One object of the scene. */
export interface SceneObject {
  readonly handle: number;
  alias: string;
  readonly type: ObjectType;
  /** Handle of the parent, -1 for none. */
  parent: number;
  /** Index of the body of the physics that carries it, -1 where its parent does. */
  readonly body: number;
  /** Pose in the frame of the body, or else of the parent. */
  offset: Pose;
  readonly joint?: JointSettings;
  readonly shape?: ShapeSettings;
  /** Where it is a script: its text. */
  readonly script?: string;
  /** Parameters by number, as a client set them. */
  readonly parameters: Map<number, number>;
  /** Whether a client made it: only these can be removed. */
  readonly made: boolean;
}
