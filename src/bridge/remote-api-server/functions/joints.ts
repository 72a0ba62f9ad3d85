import { CallError } from '../errors.ts';
import type { JointSettings } from '../scene/scene-object.ts';
import { real, reals } from '../values.ts';
import type { World } from '../world.ts';
import { jointArgument, objectArgument, type RemoteFunctions } from './function.ts';

/** `sim.jointmode_dynamic`, `sim.joint_revolute`, `sim.joint_prismatic` */
const dynamicMode = 5;
const revolute = 10;
const prismatic = 11;

function clamp(value: number, { lower, upper }: JointSettings): number {
  return Math.min(Math.max(value, lower), upper);
}

/** Puts a joint somewhere at once. The embedded gripper's fingers are put at the same width. */
async function put(world: World, joint: JointSettings, value: number): Promise<void> {
  const position = clamp(value, joint);
  joint.targetPosition = position;
  if (joint.drive.kind === 'finger') return world.place({ gripperOpening: 2 * position });
  if (joint.drive.kind === 'none') {
    joint.position = position;
    return;
  }
  const jointPositions = world.state.jointPositions.slice();
  jointPositions[joint.drive.index] = position;
  await world.place({ jointPositions });
}

/** Velocity of a joint, rad/s or m/s: the arm's as the physics has it, a finger's over the last step. */
async function velocity(world: World, joint: JointSettings): Promise<number> {
  if (joint.drive.kind === 'arm') return world.state.jointVelocities[joint.drive.index] as number;
  return joint.drive.kind === 'none' ? 0 : world.fingerVelocity(joint.drive.side);
}

/** Joints: where they are, and what they are told. */
export const jointFunctions: RemoteFunctions = {
  'sim.getJointPosition': (args, context) => [real(context.world.jointPosition(jointArgument(args, context)))],
  'sim.setJointPosition': async (args, context) => {
    await put(context.world, jointArgument(args, context), args.number(1));
    return [1];
  },
  'sim.getJointVelocity': async (args, context) => [real(await velocity(context.world, jointArgument(args, context)))],
  'sim.getJointTargetPosition': (args, context) => [real(jointArgument(args, context).targetPosition)],
  'sim.setJointTargetPosition': (args, context) => {
    const joint = jointArgument(args, context);
    joint.targetPosition = clamp(args.number(1), joint);
    return [1];
  },
  'sim.getJointTargetVelocity': (args, context) => [real(jointArgument(args, context).targetVelocity)],
  'sim.setJointTargetVelocity': (args, context) => {
    const joint = jointArgument(args, context);
    joint.targetVelocity = args.number(1);
    return [1];
  },
  'sim.getJointTargetForce': (args, context) => [real(jointArgument(args, context).targetForce)],
  'sim.setJointTargetForce': (args, context) => {
    const joint = jointArgument(args, context);
    joint.targetForce = args.number(1);
    return [];
  },
  'sim.getJointInterval': (args, context) => {
    const { lower, upper } = jointArgument(args, context);
    return [false, reals([lower, upper - lower])];
  },
  /** No joint depends on another one: the joint it depends on, the offset, the factor. */
  'sim.getJointDependency': (args, context) => {
    jointArgument(args, context);
    return [-1, real(0), real(1)];
  },
  'sim.getJointType': (args, context) => [jointArgument(args, context).prismatic ? prismatic : revolute],
  'sim.getJointMode': (args, context) => [jointArgument(args, context).drive.kind === 'none' ? 0 : dynamicMode, 0],
  'sim.setJointMode': (args, context) => {
    const { drive } = jointArgument(args, context);
    const wanted = drive.kind === 'none' ? 0 : dynamicMode;
    if (args.integer(1) !== wanted) {
      const { alias } = objectArgument(args, 0, context);
      throw new CallError(`/${alias} has mode ${wanted} in the embedded scene and no other.`);
    }
    return [1];
  },
};
