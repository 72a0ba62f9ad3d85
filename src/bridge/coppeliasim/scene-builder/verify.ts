import type { MainModule, MjModel } from '@mujoco/mujoco';
import { SceneError } from '../../errors.ts';
import { numbers, poseOf } from '../../mujoco/model-arrays.ts';
import type { Pose } from '../../simulator.ts';
import type { MadeScene } from './make-scene.ts';
import { angleBetween, composePoses, distanceBetween } from './poses.ts';
import type { ModelJoint } from './scene-model.ts';
import type { SimCalls } from './sim-calls.ts';

/** How far an object may be from where the model has it. */
export const tolerance = { distance: 1e-3, angle: 2e-3 } as const;

/** Where in its range each joint is put, in turn: three configurations that no two joints share a place in. */
const CONFIGURATIONS = [0.31, 0.5, 0.77];

/**
 * Puts the joints of a made scene to several configurations and compares where everything is with MuJoCo.
 *
 * @returns the largest distance found, m.
 * @throws SceneError naming the object that is farthest off.
 */
export async function verifyScene(sim: SimCalls, made: MadeScene, mujoco: MainModule, model: MjModel): Promise<number> {
  const movable = made.joints.filter(({ joint }) => joint.kind !== 'ball');
  let largest = 0;
  for (const [round, place] of CONFIGURATIONS.entries()) {
    const positions = new Map<ModelJoint, number>();
    for (const [i, { handle, joint }] of movable.entries()) {
      const [low, high] = joint.range ?? (joint.kind === 'hinge' ? [-3, 3] : [-0.5, 0.5]);
      const position = low + (high - low) * ((place + 0.381966 * i * (round + 1)) % 1);
      positions.set(joint, position);
      await sim.do('setJointPosition', handle, position);
    }
    const bodies = bodyPoses(mujoco, model, positions);
    for (const { alias, handle, body, inBody } of made.objects) {
      const expected = composePoses(bodies[body] as Pose, inBody);
      const found = await sim.pose(handle);
      const distance = distanceBetween(expected.position, found.position);
      const angle = angleBetween(expected.orientation, found.orientation);
      largest = Math.max(largest, distance);
      if (distance > tolerance.distance || angle > tolerance.angle)
        throw new SceneError(
          `Checking the built scene failed: ${alias} is ${(1000 * distance).toFixed(1)} mm and ${angle.toFixed(4)} rad from where the model has it, with the joints at ${[...positions.values()].map(value => value.toFixed(2)).join(' ')}. The scene was not saved.`,
        );
    }
  }
  for (const { handle, joint } of movable) await sim.do('setJointPosition', handle, joint.reference);
  return largest;
}

/** Poses of the model's bodies with joints where told and everything else at the reference, by MuJoCo. */
export function bodyPoses(mujoco: MainModule, model: MjModel, positions: ReadonlyMap<ModelJoint, number>): Pose[] {
  const data = new mujoco.MjData(model);
  try {
    for (const [joint, position] of positions) data.qpos[joint.address] = position;
    mujoco.mj_kinematics(model, data);
    const places = numbers(data.xpos);
    const turns = numbers(data.xquat);
    return Array.from({ length: model.nbody }, (_, body) => poseOf(places, turns, body));
  } finally {
    data.delete();
  }
}
