import * as z from 'zod';
import { SceneError } from '../../errors.ts';
import type { SceneModel } from './scene-model.ts';

const alias = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9_-]+$/);
const aliases = z.record(z.string(), alias).default({});

/** What things of a model are called in CoppeliaSim, by their names in the model; anything else keeps its name. */
export const sceneNames = z.strictObject({
  bodies: aliases,
  joints: aliases,
  sites: aliases,
  /** Shapes of the world's own. */
  worldGeoms: aliases,
  /** By body: the force sensor that ties a body without joints to its parent. */
  connections: aliases,
  /**
   * Shapes that are to be objects of their own, so that their contacts can be told from those of the rest of their
   * body: what they are called, and the force sensor that ties them to it.
   */
  ownShapes: z.record(z.string(), z.strictObject({ alias, connection: alias })).default({}),
  /** Joint positions that the scene is saved with, rad or m; those of the model by default. */
  initial: z.record(z.string(), z.number()).default({}),
});

export type SceneNames = z.output<typeof sceneNames>;

export const noNames: SceneNames = sceneNames.parse({});

/**
 * The names of the original task's scene, so that programs and scene files written for it find everything, and its arm
 * as it stands there: upright, gripper open.
 */
const sawyerNames: SceneNames = sceneNames.parse({
  bodies: {
    base: 'Sawyer',
    ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6].map(i => [`l${i}`, `Sawyer_link${i + 1}`])),
    hand: 'BaxterGripper',
    left_finger: 'BaxterGripper_leftFinger',
    right_finger: 'BaxterGripper_rightFinger',
    table: 'diningTable',
    target: 'target',
  },
  joints: {
    ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6].map(i => [`j${i}`, `Sawyer_joint${i + 1}`])),
    left_finger: 'BaxterGripper_leftJoint',
    right_finger: 'BaxterGripper_rightJoint',
  },
  sites: { tip: 'Sawyer_tip', gripper: 'BaxterGripper_center', proximity: 'BaxterGripper_attachPoint' },
  worldGeoms: { floor: 'Floor' },
  connections: { hand: 'Sawyer_wrist_connector' },
  ownShapes: {
    left_pad: { alias: 'BaxterGripper_leftPad', connection: 'BaxterGripper_leftFingerPad_connection' },
    // Spelled so in the original scene.
    right_pad: { alias: 'BaxterGripper_righPad', connection: 'BaxterGripper_rightFingerPad_connection' },
  },
  initial: { j1: -Math.PI / 2, left_finger: 0.04, right_finger: 0.04 },
});

/** The names that come with the package for a model, by the model's name. */
export function packagedNames(model: SceneModel): SceneNames {
  return model.name === 'sawyer-grasp' ? sawyerNames : noNames;
}

/** Checks that every name is one of the model's. Throws SceneError naming those that are not. */
export function checkNames(names: SceneNames, model: SceneModel): void {
  const known: Record<keyof SceneNames, readonly string[]> = {
    bodies: model.bodies.map(body => body.name),
    joints: model.bodies.flatMap(body => body.joints.map(joint => joint.name)),
    sites: model.bodies.flatMap(body => body.sites.map(site => site.name)),
    worldGeoms: model.geoms.filter(geom => geom.body === 0).map(geom => geom.name),
    connections: model.bodies.map(body => body.name),
    ownShapes: model.geoms.map(geom => geom.name),
    initial: model.bodies.flatMap(body => body.joints.map(joint => joint.name)),
  };
  const strangers = (Object.keys(known) as (keyof SceneNames)[]).flatMap(kind =>
    Object.keys(names[kind])
      .filter(name => !known[kind].includes(name))
      .map(name => `${kind}.${name}`),
  );
  if (strangers.length > 0)
    throw new SceneError(
      `Naming the objects of the scene failed: the model has no ${strangers.slice(0, 5).join(', ')}. Take them out of the names, or name them in the model.`,
    );
}

/** A name as an alias may be: CoppeliaSim's paths give a meaning to most other characters. */
export function asAlias(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 100) || '_';
}
