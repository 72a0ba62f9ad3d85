import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const vector = z.tuple([z.number(), z.number(), z.number()]);

/** One object of the scene as it is before anything moves: world frame, m, rad, kg, N or N·m. */
const objectSchema = z.strictObject({
  handle: z.int().nonnegative(),
  alias: z.string(),
  type: z.enum(['shape', 'joint', 'camera', 'dummy', 'proximitysensor', 'visionsensor', 'forcesensor', 'light']),
  parent: z.int().min(-1),
  position: vector,
  /** x y z w */
  quaternion: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  shape: z
    .strictObject({
      static: z.boolean(),
      respondable: z.boolean(),
      mass: z.number(),
      box: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]),
    })
    .optional(),
  joint: z
    .strictObject({
      /** `sim.joint_revolute` or `sim.joint_prismatic` */
      kind: z.union([z.literal(10), z.literal(11)]),
      position: z.number(),
      /** Lowest value, and how far from there to the highest. */
      interval: z.tuple([z.number(), z.number()]),
      maximumForce: z.number(),
      control: z.int(),
    })
    .optional(),
});

export type ListedObject = z.output<typeof objectSchema>;

function readServed(name: string): unknown {
  return JSON.parse(readFileSync(fileURLToPath(new URL(`../../../../scenes/served/${name}`, import.meta.url)), 'utf8'));
}

/**
 * The objects of the original CoppeliaSim scene, in tree order (level by level), with the handles it gives them: what
 * programs written for it look for.
 */
export function listedObjects(): readonly ListedObject[] {
  return z.array(objectSchema).parse(readServed('objects.json'));
}

/** Names of all functions of CoppeliaSim 4.10's `sim`, served here or not. */
export function coppeliaSimFunctions(): readonly string[] {
  return z.array(z.string()).parse(readServed('functions.json'));
}

/** CoppeliaSim's named numbers: `sim.jointdynctrl_velocity` is 4. From its version 4.10. */
export function constants(): Readonly<Record<string, number>> {
  return z.record(z.string(), z.number()).parse(readServed('constants.json'));
}
