import { rotate, rotatedAxis, type Vector3, vectorAt } from '../../../common/rotations.ts';
import { coneSeesBox, gripperProximity } from '../../proximity.ts';
import type { Arguments } from '../arguments.ts';
import { CallError } from '../errors.ts';
import { compose, relative } from '../poses.ts';
import type { SceneObject } from '../scene/scene-object.ts';
import { real, reals } from '../values.ts';
import { type Context, objectArgument, plainHandle, type RemoteFunctions } from './function.ts';

const nothing = () => [0, real(0), reals([0, 0, 0]), -1, reals([0, 0, 0])];

/**
 * What a sensor sees of the target: 1, the distance, the point (sensor's frame), the target's handle, the normal.
 *
 * Whether it sees it is exact; the point is the block's nearest to the sensor, even where that is beside the cone.
 */
async function sense(sensor: SceneObject, { world }: Context): Promise<readonly unknown[]> {
  const place = await world.poseOf(sensor);
  const target = await world.poseOf(world.target);
  const half = vectorAt(world.targetSize.map(extent => extent / 2));
  const axis = rotatedAxis(place.orientation, 2);
  if (!coneSeesBox(place.position, axis, gripperProximity, target.position, target.orientation, half)) return nothing();
  const [x, y, z] = relative(target, place).position;
  const inside = (value: number, limit: number) => Math.min(Math.max(value, -limit), limit);
  const nearest: Vector3 = [inside(x, half[0]), inside(y, half[1]), inside(z, half[2])];
  const point = relative(place, compose(target, { position: nearest, orientation: [0, 0, 0, 1] })).position;
  const away: Vector3 = [x - nearest[0], y - nearest[1], z - nearest[2]];
  const distance = Math.hypot(...away);
  const toSensor = relative(place, target).orientation;
  const normal = distance > 0 ? rotate(toSensor, away).map(value => value / distance) : [0, 0, -1];
  return [1, real(distance), reals(point), world.target.handle, reals(normal)];
}

function sensorArgument(args: Arguments, context: Context): SceneObject {
  const object = objectArgument(args, 0, context);
  if (object.type !== 'proximitysensor') throw new CallError('object is not a proximity sensor.');
  return object;
}

/** The gripper's proximity sensor: a cone along the fingers, which sees the target and nothing else. */
export const proximityFunctions: RemoteFunctions = {
  'sim.readProximitySensor': (args, context) => sense(sensorArgument(args, context), context),
  'sim.handleProximitySensor': (args, context) => sense(sensorArgument(args, context), context),
  'sim.checkProximitySensor': (args, context) => {
    const sensor = sensorArgument(args, context);
    const entity = args.integer(1, -2);
    return entity === -2 || plainHandle(entity) === context.world.target.handle ? sense(sensor, context) : nothing();
  },
};
