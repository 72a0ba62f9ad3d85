import { CallError } from '../errors.ts';
import type { SceneObject } from '../scene/scene-object.ts';
import { real } from '../values.ts';
import { type Context, objectArgument, type RemoteFunction, type RemoteFunctions } from './function.ts';

/** `sim.jointintparam_dynctrlmode`, `_motor_enabled`, `_ctrl_enabled` */
const dynamicControlMode = 2039;
const motorEnabled = 2000;
const controlEnabled = 2001;
/** `sim.jointfloatparam_velocity`, `_upper_limit`, `_maxvel`; `sim.shapefloatparam_mass` */
const jointVelocity = 2012;
const upperLimit = 2017;
const maximumVelocity = 2036;
const shapeMass = 3005;
/** `sim.objfloatparam_objbbox_min_x` and the five after it: lowest x y z, highest x y z. */
const boxFrom = 15;
/** Where each of the six is in a box listed as x x y y z z. */
const boxOrder = [0, 2, 4, 1, 3, 5] as const;
/** Parameters of one object that clients may set, so that none can fill the memory. */
const parameterLimit = 500;

function getInteger({ joint, parameters }: SceneObject, parameter: number): number | undefined {
  if (joint && parameter === dynamicControlMode) return joint.control;
  const kept = parameters.get(parameter);
  if (kept === undefined && joint && (parameter === motorEnabled || parameter === controlEnabled)) return 1;
  return kept;
}

async function getFloat(object: SceneObject, parameter: number, context: Context): Promise<number | undefined> {
  const { joint, shape, parameters } = object;
  if (shape && parameter >= boxFrom && parameter < boxFrom + 6)
    return shape.box[boxOrder[parameter - boxFrom] as number];
  if (shape && parameter === shapeMass) return shape.mass;
  if (joint && parameter === upperLimit) return joint.upper;
  if (joint && parameter === jointVelocity) {
    const [value] = await context.call('sim.getJointVelocity', [object.handle]);
    return (value as { value: number }).value; // That function's answer is one float.
  }
  if (joint?.drive.kind === 'arm' && parameter === maximumVelocity && !parameters.has(parameter))
    return context.world.kinematics.limits.velocity[joint.drive.index];
  return parameters.get(parameter);
}

function keep(object: SceneObject, parameter: number, value: number): void {
  if (object.parameters.size >= parameterLimit && !object.parameters.has(parameter))
    throw new CallError('too many parameters.');
  object.parameters.set(parameter, value);
}

const getInt32: RemoteFunction = (args, context) => {
  const value = getInteger(objectArgument(args, 0, context), args.integer(1));
  return value === undefined ? [] : [value];
};

const setInt32: RemoteFunction = (args, context) => {
  const object = objectArgument(args, 0, context);
  const [parameter, value] = [args.integer(1), args.integer(2)];
  if (object.joint && parameter === dynamicControlMode) object.joint.control = value;
  else keep(object, parameter, value);
  return [1];
};

const getFloatParam: RemoteFunction = async (args, context) => {
  const value = await getFloat(objectArgument(args, 0, context), args.integer(1), context);
  return value === undefined ? [] : [real(value)];
};

const setFloatParam: RemoteFunction = async (args, context) => {
  const object = objectArgument(args, 0, context);
  const [parameter, value] = [args.integer(1), args.number(2)];
  if (object.shape && parameter === shapeMass) await context.call('sim.setShapeMass', [object.handle, value]);
  else keep(object, parameter, value);
  return [1];
};

/** Parameters of objects by number. Those with a meaning here are computed; others are kept as they were set. */
export const objectParameterFunctions: RemoteFunctions = {
  'sim.getObjectInt32Param': getInt32,
  'sim.setObjectInt32Param': setInt32,
  'sim.getObjectFloatParam': getFloatParam,
  'sim.setObjectFloatParam': setFloatParam,
};
