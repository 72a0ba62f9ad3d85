import { rotate, type Vector3 } from '../../../common/rotations.ts';
import { CallError } from '../errors.ts';
import { conjugate } from '../poses.ts';
import type { SceneObject } from '../scene/scene-object.ts';
import { real, reals } from '../values.ts';
import { objectArgument, type RemoteFunctions } from './function.ts';
import { entity, objectsByShape } from './shapes-of-objects.ts';

/** Farther apart than anything in the scene, m. */
const farthest = 1000;

/** The shapes that press on a force sensor, by its alias. */
const loads: Readonly<Record<string, readonly string[]>> = {
  BaxterGripper_leftFingerPad_connection: ['left_pad'],
  BaxterGripper_rightFingerPad_connection: ['right_pad'],
  BaxterGripper_attachPoint: [],
  Sawyer_wrist_connector: ['hand', 'left_finger', 'right_finger', 'left_pad', 'right_pad'],
};

function cross([ax, ay, az]: Vector3, [bx, by, bz]: Vector3): Vector3 {
  return [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];
}

function add(a: Vector3, b: Vector3, sign = 1): Vector3 {
  return [a[0] + sign * b[0], a[1] + sign * b[1], a[2] + sign * b[2]];
}

/** Forces and distances. */
export const forceFunctions: RemoteFunctions = {
  /** What the joint does to its motor, N·m or N: the load, with the sign that CoppeliaSim gives it. */
  'sim.getJointForce': async (args, context) => {
    const { joint } = objectArgument(args, 0, context);
    if (!joint || context.simulation.state === 'stopped') return [real(0)];
    return [real(-(await context.world.motorForce(joint)))];
  },

  /**
   * Force (N) and torque (N·m) on a sensor, in its frame, from what touches the parts beyond it.
   *
   * The embedded scene carries the weight of arm and gripper for them, so that weight is no part of it.
   */
  'sim.readForceSensor': async (args, context) => {
    const sensor = objectArgument(args, 0, context);
    const shapes = sensor.type === 'forcesensor' ? loads[sensor.alias] : undefined;
    if (!shapes) throw new CallError('object is not a force sensor.');
    let force: Vector3 = [0, 0, 0];
    let torque: Vector3 = [0, 0, 0];
    if (context.simulation.state === 'stopped') return [0, reals(force), reals(torque)];
    const { position, orientation } = await context.world.poseOf(sensor);
    for (const contact of await context.world.contactPoints()) {
      const [first, second] = contact.shapes.map(shape => shapes.includes(shape));
      if (first === second) continue;
      const sign = second ? 1 : -1;
      force = add(force, contact.force, sign);
      torque = add(torque, cross(add(contact.position, position, -1), contact.force), sign);
    }
    const own = conjugate(orientation);
    return [1, reals(rotate(own, force)), reals(rotate(own, torque))];
  },

  /**
   * Smallest distance of two entities that is below a threshold (m; 0 for any): 1, both points and the distance, the two
   * objects. Of the shapes that take part in the embedded physics; it computes no others.
   */
  'sim.checkDistance': async (args, context) => {
    const { world } = context;
    const [first, second] = [entity(args.integer(0), context), entity(args.integer(1), context)];
    if (first === undefined && second === undefined) throw new CallError('one of the two must be an object.');
    const threshold = args.number(2, 0);
    const shapes = [...objectsByShape(world.scene)].filter((each): each is [string, SceneObject] => Boolean(each[1]));
    const within = (set: ReadonlySet<number> | undefined) =>
      shapes.filter(([, { handle }]) => set?.has(handle) ?? true);
    const [ours, theirs] = [within(first), within(second)];
    if (ours.length === 0 || theirs.length === 0)
      throw new CallError('the embedded server computes no distances of that object: it takes no part in the physics.');
    let limit = threshold > 0 ? threshold : farthest;
    let answer: readonly unknown[] = [0, reals([0, 0, 0, 0, 0, 0, 0]), [-1, -1]];
    for (const [shape, object] of ours)
      for (const [otherShape, other] of theirs) {
        if (object === other) continue;
        const found = await world.shapeDistance([shape, otherShape], limit);
        if (!found || found.distance >= limit) continue;
        limit = found.distance;
        const [from, to] = found.points;
        answer = [1, reals([...from, ...to, Math.max(0, limit)]), [object.handle, other.handle]];
      }
    return answer;
  },
};
