import { eulerAngles, fromEulerAngles, vectorAt } from '../../../common/rotations.ts';
import type { Pose, Quaternion } from '../../simulator.ts';
import type { Arguments } from '../arguments.ts';
import { CallError } from '../errors.ts';
import { compose, fromMatrix, identity, inverse, relative, toMatrix, velocityBetween } from '../poses.ts';
import type { SceneObject } from '../scene/scene-object.ts';
import { poseList, poseOf, reals } from '../values.ts';
import { type Context, flagsOf, objectArgument, objectOf, type RemoteFunctions } from './function.ts';

/** `sim.handle_parent` and `sim.handle_inverse` */
const parentHandle = -11;
const inverseHandle = -14;
/** `sim.handleflag_wxyzquat`, added to a handle: quaternions as w x y z. `sim.handleflag_reljointbaseframe`. */
const wxyzFlag = 1 << 24;
const jointBaseFlag = 1 << 22;

/** The frame that poses are given in; the world's for -1. A joint's is beyond its motion unless its flag is set. */
async function frameOf(handle: number, object: SceneObject, { world }: Context): Promise<Pose> {
  if (handle === -1 || handle === inverseHandle) return identity;
  const parent = world.scene.objects.get(object.parent);
  if (handle === parentHandle) return parent ? world.frameOf(parent) : identity;
  const other = objectOf(world.scene, handle);
  return flagsOf(handle) & jointBaseFlag ? world.poseOf(other) : world.frameOf(other);
}

async function read(args: Arguments, context: Context): Promise<Pose> {
  const object = objectArgument(args, 0, context);
  const handle = args.integer(1, -1);
  const pose = relative(await frameOf(handle, object, context), await context.world.poseOf(object));
  return handle === inverseHandle ? inverse(pose) : pose;
}

/** Sets the part of a pose that `change` makes of the numbers given; these stand before or, as of old, after the frame. */
async function write(
  args: Arguments,
  context: Context,
  length: number,
  change: (pose: Pose, numbers: number[], flags: number) => Pose,
): Promise<[]> {
  const object = objectArgument(args, 0, context);
  const ofOld = typeof args.raw(1) === 'number';
  const numbers = args.numbers(ofOld ? 2 : 1, length);
  const frame = await frameOf(args.integer(ofOld ? 1 : 2, -1), object, context);
  const pose = change(relative(frame, await context.world.poseOf(object)), numbers, flagsOf(args.integer(0)));
  await context.world.setPose(object, compose(frame, pose));
  return [];
}

function quaternionOf(numbers: readonly number[], flags: number): Quaternion {
  const [a, b, c, d] = numbers as [number, number, number, number];
  const [x, y, z, w] = flags & wxyzFlag ? [b, c, d, a] : [a, b, c, d];
  const length = Math.hypot(x, y, z, w);
  if (length < 1e-9) throw new CallError('invalid quaternion.');
  return [x / length, y / length, z / length, w / length];
}

function quaternionList([x, y, z, w]: Quaternion, flags: number): Float64Array {
  return flags & wxyzFlag ? Float64Array.of(w, x, y, z) : Float64Array.of(x, y, z, w);
}

/** Where objects are, in the world, in each other's frames, and where clients put them. */
export const poseFunctions: RemoteFunctions = {
  'sim.getObjectPosition': async (args, context) => [reals((await read(args, context)).position)],
  'sim.getObjectOrientation': async (args, context) => [reals(eulerAngles((await read(args, context)).orientation))],
  'sim.getObjectQuaternion': async (args, context) => [
    quaternionList((await read(args, context)).orientation, flagsOf(args.integer(0))),
  ],
  'sim.getObjectPose': async (args, context) => {
    const pose = await read(args, context);
    return [reals([...pose.position, ...quaternionList(pose.orientation, flagsOf(args.integer(0)))])];
  },
  'sim.getObjectMatrix': async (args, context) => [toMatrix(await read(args, context))],

  'sim.setObjectPosition': (args, context) =>
    write(args, context, 3, (pose, numbers) => ({ ...pose, position: vectorAt(numbers) })),
  'sim.setObjectOrientation': (args, context) =>
    write(args, context, 3, (pose, numbers) => ({
      ...pose,
      orientation: fromEulerAngles(vectorAt(numbers)),
    })),
  'sim.setObjectQuaternion': (args, context) =>
    write(args, context, 4, (pose, numbers, flags) => ({ ...pose, orientation: quaternionOf(numbers, flags) })),
  'sim.setObjectPose': (args, context) =>
    write(args, context, 7, (_, numbers, flags) => ({
      position: vectorAt(numbers),
      orientation: quaternionOf(numbers.slice(3), flags),
    })),
  'sim.setObjectMatrix': (args, context) => write(args, context, 12, (_, numbers) => fromMatrix(numbers)),

  /** The pose in the parent's frame, a joint's motion included. */
  'sim.getObjectChildPose': async (args, context) => {
    const { joint } = objectArgument(args, 0, context);
    if (!joint) throw new CallError('object is not a joint.');
    const value = context.world.jointPosition(joint);
    return [
      poseList(
        joint.prismatic
          ? poseOf([0, 0, value, 0, 0, 0, 1])
          : poseOf([0, 0, 0, 0, 0, Math.sin(value / 2), Math.cos(value / 2)]),
      ),
    ];
  },

  /** From the poses before and after the last step; 0 where nothing has moved yet. */
  'sim.getObjectVelocity': async (args, context) => {
    const object = objectArgument(args, 0, context);
    const { world, simulation } = context;
    const before = simulation.state === 'stopped' ? undefined : world.poseBefore(object);
    if (!before) return [reals([0, 0, 0]), reals([0, 0, 0])];
    const { linear, angular } = velocityBetween(before, await world.poseOf(object), world.period);
    return [reals(linear), reals(angular)];
  },
};
