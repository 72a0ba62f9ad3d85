import type { SimulatorCommand } from '../simulator.ts';
import { controlModes, type JointSettings } from './scene/scene-object.ts';
import type { World } from './world.ts';

/** In position mode a joint is told to cover half of what is left in each period of 50 ms, 1/s. */
const positionGain = 10;

/** `sim.jointfloatparam_maxvel`: the highest speed in position mode, where a client sets one. */
const maximumVelocity = 2036;

/** The velocity that a joint's settings ask for now, rad/s or m/s; 0 in the modes that nothing here drives. */
function wantedVelocity(world: World, joint: JointSettings, limit = Number.POSITIVE_INFINITY): number {
  if (joint.control === controlModes.velocity) return joint.targetVelocity;
  if (joint.control !== controlModes.position) return 0;
  const velocity = positionGain * (joint.targetPosition - world.jointPosition(joint));
  return Math.max(-limit, Math.min(limit, velocity));
}

/**
 * What the joints' targets amount to for one control period.
 *
 * The embedded gripper's fingers move together: they get the mean of what the two are told.
 */
export function commandOf(world: World): SimulatorCommand {
  const velocities = new Float64Array(7);
  let fingers = 0;
  for (const { joint, parameters } of world.scene.objects.values()) {
    if (joint === undefined || joint.drive.kind === 'none') continue;
    const velocity = wantedVelocity(world, joint, parameters.get(maximumVelocity));
    if (joint.drive.kind === 'arm') velocities[joint.drive.index] = velocity;
    else fingers += velocity;
  }
  return { arm: { kind: 'joint_velocity', velocities }, gripperVelocity: fingers / 2 };
}

/** Puts all driven joints in velocity mode with these targets, as the fast lane's script does. */
export function driveByVelocity(world: World, velocities: ArrayLike<number>, gripperVelocity: number): void {
  for (const { joint } of world.scene.objects.values()) {
    if (joint === undefined || joint.drive.kind === 'none') continue;
    joint.control = controlModes.velocity;
    joint.targetVelocity = joint.drive.kind === 'arm' ? (velocities[joint.drive.index] as number) : gripperVelocity;
  }
}
