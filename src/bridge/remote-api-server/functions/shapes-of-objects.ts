import { findByPath, levels } from '../scene/lookup.ts';
import type { Scene } from '../scene/scene.ts';
import type { SceneObject } from '../scene/scene-object.ts';
import { type Context, objectOf } from './function.ts';

/** `sim.handle_all` */
export const handleAll = -2;

/** Which object a shape of the embedded simulator is. */
const pathsByShape: Readonly<Record<string, string>> = {
  target: '/target',
  table: '/diningTable',
  floor: '/ResizableFloor_5_25/ResizableFloor_5_25_element',
  left_pad: '/BaxterGripper_leftPad',
  right_pad: '/BaxterGripper_righPad',
  left_finger: '/BaxterGripper_leftFinger',
  right_finger: '/BaxterGripper_rightFinger',
  hand: '/BaxterGripper',
  wrist: '/Sawyer_link6',
  forearm: '/Sawyer_link5',
};

/** Looked up once a scene: programs ask for the contacts one by one. */
const lookedUp = new WeakMap<Scene, ReadonlyMap<string, SceneObject | undefined>>();

/** The object that each shape of the embedded simulator is, by the shape's name. */
export function objectsByShape(scene: Scene): ReadonlyMap<string, SceneObject | undefined> {
  const known = lookedUp.get(scene);
  if (known) return known;
  const found = new Map(Object.entries(pathsByShape).map(([shape, path]) => [shape, findByPath(scene, path)]));
  lookedUp.set(scene, found);
  return found;
}

/** The handles that an entity stands for: one object's, a tree's, or with `sim.handle_all` undefined, which is all. */
export function entity(handle: number, { world }: Context): ReadonlySet<number> | undefined {
  if (handle === handleAll) return undefined;
  const { scene } = world;
  return new Set(Array.from(levels(scene, objectOf(scene, handle).handle), object => object.handle));
}
