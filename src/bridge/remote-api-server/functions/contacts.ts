import type { Vector3 } from '../../../common/rotations.ts';
import type { ContactPoint } from '../../mujoco/read-contacts.ts';
import { CallError } from '../errors.ts';
import type { SceneObject } from '../scene/scene-object.ts';
import { reals } from '../values.ts';
import type { World } from '../world.ts';
import { objectOf, plainHandle, type RemoteFunctions } from './function.ts';
import { entity, handleAll, objectsByShape } from './shapes-of-objects.ts';

/** The flag `sim.handleflag_extended` of an index. */
const extendedFlag = 1 << 22;

interface ObjectContact {
  readonly objects: readonly [SceneObject, SceneObject];
  readonly position: Vector3;
  readonly normal: Vector3;
  readonly force: Vector3;
}

async function contactsOf(world: World): Promise<ObjectContact[]> {
  const objects = objectsByShape(world.scene);
  return (await world.contactPoints()).flatMap(({ shapes, ...rest }: ContactPoint) => {
    const [first, second] = [objects.get(shapes[0]), objects.get(shapes[1])];
    return first && second ? [{ objects: [first, second] as const, ...rest }] : [];
  });
}

/** What touches what. */
export const contactFunctions: RemoteFunctions = {
  /**
   * The contact of an index among those of an object: the two objects, the point, the force on the second one, the
   * normal. Empty maps beyond the last one.
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
    if (!contact) return [{}, {}, {}, {}];
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
    return [0, [-1, -1]];
  },
};
