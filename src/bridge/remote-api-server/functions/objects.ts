import type { Arguments } from '../arguments.ts';
import { CallError } from '../errors.ts';
import { identity, relative } from '../poses.ts';
import { findByPath, fullPath, levels, shortPath } from '../scene/lookup.ts';
import { objectTypes, type SceneObject } from '../scene/scene-object.ts';
import { type Context, objectArgument, plainHandle, type RemoteFunctions } from './function.ts';

/** `sim.handle_world`, `sim.handle_scene`, `sim.handle_all`, `sim.handle_tree` … where an object would stand. */
const wholeScene = new Set([-1, -2, -12]);

/** Unique numbers of objects start here. */
const firstUid = 10_000_000;

/** Script objects are looked up as any other, but are in no list of the scene's objects. */
function isListed({ type }: SceneObject): boolean {
  return type !== 'script';
}

function lookUp(args: Arguments, { world }: Context): SceneObject | undefined {
  const path = args.text(0);
  const { index, proxy } = args.table(1);
  const from = typeof proxy === 'number' ? plainHandle(proxy) : -1;
  const at = typeof index === 'number' && Number.isInteger(index) && index >= 0 ? index : 0;
  return findByPath(world.scene, path, from, at);
}

/** Handle of what an argument names, or -1 for the whole scene. */
function rootArgument(args: Arguments, index: number, context: Context): number {
  const handle = args.integer(index, -1);
  return wholeScene.has(handle) ? -1 : objectArgument(args, index, context).handle;
}

function typeMatches(object: SceneObject, type: number): boolean {
  return isListed(object) && (type === -2 || objectTypes[object.type] === type);
}

/** A script that is removed while the simulation runs takes its fast lane along. */
async function closeLanes({ lanes, simulation }: Context): Promise<void> {
  if (simulation.state !== 'stopped') await lanes.refresh();
}

/** What the scene holds and how it hangs together. */
export const objectFunctions: RemoteFunctions = {
  'sim.getObject': (args, context) => {
    const object = lookUp(args, context);
    if (object) return [object.handle];
    if (args.table(1).noError === true) return [-1];
    throw new CallError('object does not exist, or alias/path is ill formatted.', 1254);
  },

  /** Of before paths: the alias alone, anywhere; `name#1` is the second of that name, and `name#` the first. */
  'sim.getObjectHandle': (args, { world }) => {
    const [, name = '', index = ''] = /^(.*?)(?:#(\d{0,6}))?$/s.exec(args.text(0)) ?? [];
    const object = findByPath(world.scene, name.startsWith('/') ? name : `/${name}`, -1, Number(index));
    if (!object) throw new CallError('object does not exist, or alias/path is ill formatted.', 1272);
    return [object.handle];
  },

  'sim.getObjectUid': (args, context) => [firstUid + objectArgument(args, 0, context).handle],
  'sim.getObjectFromUid': (args, { world }) => {
    const handle = args.integer(0) - firstUid;
    if (world.scene.objects.has(handle)) return [handle];
    if (args.table(1).noError) return [-1];
    throw new CallError('object does not exist.', 1261);
  },

  /** Nobody can select anything: there is no window. */
  'sim.getObjectSelection': () => [{}],

  'sim.getObjectAlias': (args, context) => {
    const object = objectArgument(args, 0, context);
    const { scene } = context.world;
    switch (args.integer(1, -1)) {
      case 1:
      case 5:
      case 6:
      case 7:
      case 8:
        return [shortPath(scene, object)];
      case 2:
        return [fullPath(scene, object)];
      case 4:
      case 9:
        return [`${object.alias}__${object.handle}__`];
      default:
        return [object.alias];
    }
  },

  'sim.getObjectName': (args, context) => [objectArgument(args, 0, context).alias],

  'sim.setObjectAlias': (args, context) => {
    const object = objectArgument(args, 0, context);
    const alias = args.text(1);
    if (!/^[^/[\]{}\s]{1,200}$/.test(alias)) throw new CallError('invalid alias.');
    if (!object.made) throw new CallError(`/${object.alias} is part of the embedded scene and keeps its name.`);
    object.alias = alias;
    return [];
  },

  'sim.getObjectParent': (args, context) => [objectArgument(args, 0, context).parent],

  'sim.setObjectParent': async (args, context) => {
    const object = objectArgument(args, 0, context);
    const parent = rootArgument(args, 1, context);
    const inPlace = args.boolean(2, true);
    if (object.body >= 0) throw new CallError(`/${object.alias} is held in place by the embedded scene.`);
    const { world } = context;
    const pose = await world.poseOf(object);
    world.scene.setParent(object, parent);
    const above = world.scene.objects.get(parent);
    if (inPlace) object.offset = above ? relative(await world.frameOf(above), pose) : pose;
    return [];
  },

  'sim.getObjectChild': (args, context) => {
    const children = context.world.scene.children(rootArgument(args, 0, context)).filter(isListed);
    return [children[args.integer(1)]?.handle ?? -1];
  },

  'sim.getObjectsInTree': (args, context) => {
    if (args.integer(0) === -1) throw new CallError('object does not exist.');
    const root = rootArgument(args, 0, context);
    const type = args.integer(1, -2);
    const options = args.integer(2, 0);
    const { scene } = context.world;
    const found = options & 2 ? scene.children(root) : [...levels(scene, root)];
    return [
      found
        .filter(object => typeMatches(object, type) && !(options & 1 && object.handle === root))
        .map(({ handle }) => handle),
    ];
  },

  'sim.getObjects': (args, { world }) => {
    const found = [...world.scene.objects.values()].filter(object => typeMatches(object, args.integer(1, -2)));
    return [found[args.integer(0)]?.handle ?? -1];
  },

  'sim.getObjectType': (args, context) => [objectTypes[objectArgument(args, 0, context).type]],

  'sim.isHandle': (args, { world }) => [world.scene.objects.has(plainHandle(args.integer(0)))],

  'sim.createDummy': (args, { world }) => {
    args.number(0);
    return [world.scene.make({ alias: 'Dummy', type: 'dummy', offset: identity }).handle];
  },

  'sim.removeObjects': async (args, context) => {
    for (const handle of args.numbers(0)) {
      const object = context.world.scene.objects.get(plainHandle(handle));
      if (!object) throw new CallError('object does not exist.');
      context.world.scene.remove(object);
    }
    await closeLanes(context);
    return [];
  },

  'sim.removeObject': async (args, context) => {
    context.world.scene.remove(objectArgument(args, 0, context));
    await closeLanes(context);
    return [];
  },

  /** Whatever is put somewhere here comes to rest by that; nothing is left to reset. */
  'sim.resetDynamicObject': (args, context) => {
    objectArgument(args, 0, context);
    return [1];
  },
};
