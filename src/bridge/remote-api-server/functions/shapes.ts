import { vectorAt } from '../../../common/rotations.ts';
import { CallError } from '../errors.ts';
import { identity } from '../poses.ts';
import { boxOf } from '../scene/build-scene.ts';
import type { SceneObject, ShapeSettings } from '../scene/scene-object.ts';
import { poseList, poseOf, real, reals } from '../values.ts';
import { assertStopped, type Context, objectArgument, type RemoteFunctions, shapeArgument } from './function.ts';

/** `sim.primitiveshape_…` that have a box around them of the sizes given. */
const primitives: Readonly<Record<number, string>> = {
  1: 'Plane',
  2: 'Disc',
  3: 'Cuboid',
  4: 'Sphere',
  5: 'Cylinder',
  6: 'Cone',
  8: 'Capsule',
};

/** kg/m³, CoppeliaSim's for shapes that it makes. */
const density = 1000;

type Size = readonly [number, number, number];

export function sizeOf({ box }: ShapeSettings): Size {
  return [box[1] - box[0], box[3] - box[2], box[5] - box[4]];
}

/** Gives a shape other measures: the target's hold in the physics, a client's own shapes are only looked at. */
async function resize(object: SceneObject & { shape: ShapeSettings }, size: Size, context: Context): Promise<void> {
  if (!size.every(extent => extent > 0 && extent <= 1000)) throw new CallError('invalid size.');
  if (object === context.world.target) {
    assertStopped(context);
    return context.world.changeTarget({ size });
  }
  if (!object.made) throw new CallError(`/${object.alias} keeps its size: only the target can have another one.`);
  object.shape.box = boxOf(size);
}

async function reweigh(object: SceneObject & { shape: ShapeSettings }, mass: number, context: Context): Promise<void> {
  if (!(mass > 0)) throw new CallError('invalid mass.');
  if (object === context.world.target) {
    assertStopped(context);
    return context.world.changeTarget({ mass });
  }
  if (!object.made) throw new CallError(`/${object.alias} keeps its mass: only the target can have another one.`);
  object.shape.mass = mass;
}

/** Shapes: how large, how heavy; and shapes of a client's own, which are there to be looked at and touch nothing. */
export const shapeFunctions: RemoteFunctions = {
  'sim.getShapeMass': (args, context) => [real(shapeArgument(args, context).shape.mass)],
  'sim.setShapeMass': async (args, context) => {
    await reweigh(shapeArgument(args, context), args.number(1), context);
    return [];
  },

  /** Size, and the box's pose in the shape's frame. */
  'sim.getShapeBB': (args, context) => {
    const { shape } = shapeArgument(args, context);
    const { box } = shape;
    const middle = [(box[0] + box[1]) / 2, (box[2] + box[3]) / 2, (box[4] + box[5]) / 2];
    return [reals(sizeOf(shape)), poseList(poseOf([...middle, 0, 0, 0, 1]))];
  },
  'sim.setShapeBB': async (args, context) => {
    await resize(shapeArgument(args, context), vectorAt(args.numbers(1, 3)), context);
    return [];
  },
  /** Factors along the shape's own axes. */
  'sim.scaleObject': async (args, context) => {
    const object = shapeArgument(args, context);
    const [x, y, z] = sizeOf(object.shape);
    await resize(object, [x * args.number(1), y * args.number(2), z * args.number(3)], context);
    return [];
  },

  'sim.createPrimitiveShape': (args, { world }) => {
    const alias = primitives[args.integer(0)];
    if (alias === undefined) throw new CallError('invalid primitive type.');
    const size = vectorAt(args.numbers(1, 3));
    if (!size.every(extent => extent >= 0 && extent <= 1000)) throw new CallError('invalid size.');
    const mass = density * size[0] * size[1] * size[2];
    const shape: ShapeSettings = { box: boxOf(size), mass, color: [0.5, 0.5, 0.5] };
    return [world.scene.make({ alias, type: 'shape', offset: identity, shape }).handle];
  },

  'sim.getShapeColor': (args, context) => [1, reals(shapeArgument(args, context).shape.color)],
  'sim.setShapeColor': (args, context) => {
    shapeArgument(args, context).shape.color = vectorAt(args.numbers(3, 3));
    return [1];
  },

  /** Whether the physics moves it: the target, and what the arm carries. */
  'sim.isDynamicallyEnabled': (args, context) => {
    const object = objectArgument(args, 0, context);
    return [context.simulation.state !== 'stopped' && object.body >= 0 && object.parameters.get(3003) !== 1];
  },
};
