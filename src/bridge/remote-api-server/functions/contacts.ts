import type { Vector3 } from '../../../common/rotations.ts';
import type { ContactPoint } from '../../mujoco/read-contacts.ts';
import { CallError } from '../errors.ts';
import { findByPath, levels } from '../scene/lookup.ts';
import type { Scene } from '../scene/scene.ts';
import type { SceneObject } from '../scene/scene-object.ts';
import { reals } from '../values.ts';
import type { World } from '../world.ts';
import { type Context, objectOf, plainHandle, type RemoteFunctions } from './function.ts';

/** `sim.handle_all`, `sim.handle_tree`, and the flag `sim.handleflag_extended` of an index. */
const handleAll = -2;
const extendedFlag = 1 << 22;

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

interface ObjectContact {
  readonly objects: readonly [SceneObject, SceneObject];
  readonly position: Vector3;
  readonly normal: Vector3;
  readonly force: Vector3;
}

/** Looked up once a scene: programs ask for the contacts one by one. */
const objectsByShape = new WeakMap<Scene, ReadonlyMap<string, SceneObject | undefined>>();

function objectsOf(scene: Scene): ReadonlyMap<string, SceneObject | undefined> {
  const known = objectsByShape.get(scene);
  if (known) return known;
  const found = new Map(Object.entries(pathsByShape).map(([shape, path]) => [shape, findByPath(scene, path)]));
  objectsByShape.set(scene, found);
  return found;
}

async function contactsOf(world: World): Promise<ObjectContact[]> {
  const objects = objectsOf(world.scene);
  return (await world.contactPoints()).flatMap(({ shapes, ...rest }: ContactPoint) => {
    const [first, second] = [objects.get(shapes[0]), objects.get(shapes[1])];
    return first && second ? [{ objects: [first, second] as const, ...rest }] : [];
  });
}

/** The handles that an entity stands for: one object's, a tree's, or with `sim.handle_all` undefined, which is all. */
function entity(handle: number, { world }: Context): ReadonlySet<number> | undefined {
  if (handle === handleAll) return undefined;
  const { scene } = world;
  return new Set(Array.from(levels(scene, objectOf(scene, handle).handle), object => object.handle));
}

/** What touches what. */
export const contactFunctions: RemoteFunctions = {
  /**
   * The contact of an index among those of an object: the two objects, the point, the force on the second one, the
   * normal. Empty tables beyond the last one.
   */
  'sim.getContactInfo': async (args, context) => {
    args.integer(0);
    const wanted = args.integer(1);
    const index = args.integer(2) % extendedFlag;
    if (wanted !== handleAll) objectOf(context.world.scene, wanted);
    const contacts = (await contactsOf(context.world)).filter(
      ({ objects }) => wanted === handleAll || objects.some(({ handle }) => handle === plainHandle(wanted)),
    );
    const contact = contacts[index];
    if (!contact) return [[], [], [], []];
    const { objects, position, force, normal } = contact;
    return [objects.map(({ handle }) => handle), reals(position), reals(force), reals(normal)];
  },

  /** Of those pairs of shapes that the embedded simulator lets touch; it computes no others. */
  'sim.checkCollision': async (args, context) => {
    const [first, second] = [entity(args.integer(0), context), entity(args.integer(1), context)];
    if (first === undefined && second === undefined) throw new CallError('one of the two must be an object.');
    const inside = (set: ReadonlySet<number> | undefined, { handle }: SceneObject) =>
      set === undefined || set.has(handle);
    for (const { objects } of await contactsOf(context.world)) {
      const [a, b] = objects;
      if (inside(first, a) && inside(second, b)) return [1, [a.handle, b.handle]];
      if (inside(first, b) && inside(second, a)) return [1, [b.handle, a.handle]];
    }
    return [0, []];
  },
};
