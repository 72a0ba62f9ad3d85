import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { readTextFile } from '../../common/regular-file.ts';
import { SceneError } from '../errors.ts';

const path = z.string().min(2).max(1000).startsWith('/');

const schema = z.strictObject({
  format: z.literal('graspbridge-scene 1'),
  title: z.string(),
  /** What the scene comes from, for people. */
  source: z.string(),
  /** Paths of the objects that the task needs; `/a/b` is a `b` anywhere below an `a`. */
  objects: z.strictObject({
    /** Root of the arm's tree: all of it is put to rest by a reset. */
    arm: path,
    joints: z.array(path).length(7),
    /** As `SimulatorState.tip` says: on the last joint's axis, z along the fingers, x the way they slide. */
    tip: path,
    gripper: path,
    leftFingerJoint: path,
    rightFingerJoint: path,
    leftPad: path,
    rightPad: path,
    target: path,
    table: path,
  }),
  /** Largest torque of each arm joint, N·m; the scene's own are not trusted. */
  maximumForces: z.array(z.number().positive().max(1000)).length(7),
  gripper: z.strictObject({
    /** What a finger joint's velocity is multiplied with so that positive opens. */
    sign: z.union([z.literal(1), z.literal(-1)]),
    /** Largest force of each finger, N. */
    force: z.number().positive().max(1000),
    /** Free distance between the pads when fully open, m. */
    maximumOpening: z.number().positive().max(1),
  }),
  /** A contact counts from this force on, N; with 0 every one does. */
  contactForce: z.number().min(0).max(1000),
  /** What the simulation is to advance in a step, s. */
  timeStep: z.number().positive().max(1),
});

/** Which object is which in a CoppeliaSim scene. */
export type SceneFile = z.output<typeof schema>;

const packaged = (name: string) => fileURLToPath(new URL(`../../../scenes/${name}.scene.json`, import.meta.url));

/** The scene files that come with the package, those tried first when none is named. */
export const packagedSceneFiles: readonly string[] = ['sawyer-grasp', 'sawyer-reacher-rl'].map(packaged);

/** Reads and checks a scene file. Throws SceneError saying what is wrong with it. */
export async function readSceneFile(file: string): Promise<SceneFile> {
  const advice = 'It must be JSON as in scenes/sawyer-reacher-rl.scene.json.';
  let content: unknown;
  try {
    content = JSON.parse(readTextFile(file));
  } catch (cause) {
    throw new SceneError(
      `Reading the scene file ${file} failed: ${cause instanceof Error ? cause.message : cause}. ${advice}`,
      { cause },
    );
  }
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const complaints = result.error.issues.map(issue => `${issue.path.join('.') || 'file'}: ${issue.message}`);
  throw new SceneError(`The scene file ${file} is wrong: ${complaints.slice(0, 5).join('; ')}. ${advice}`);
}

/** Every object that a scene file names, by the name it has there: `joint1` … `joint7`, `tip` and so on. */
export function namedObjects({ objects }: SceneFile): ReadonlyMap<string, string> {
  const { joints, ...rest } = objects;
  return new Map([
    ...joints.map((path, i): [string, string] => [`joint${i + 1}`, path]),
    ...(Object.entries(rest) as [string, string][]),
  ]);
}
