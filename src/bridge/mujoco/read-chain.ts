import type { MainModule, MjModel } from '@mujoco/mujoco';
import { type Vector3, vectorAt } from '../../common/rotations.ts';
import { type ArmChain, compose, rotationMatrix, type Transform } from '../arm/chain.ts';
import { SceneError } from '../errors.ts';
import { indices, numbers, quaternionOf } from './model-arrays.ts';
import { indexOf } from './names.ts';

const jointNames = ['j0', 'j1', 'j2', 'j3', 'j4', 'j5', 'j6'] as const;

/** Transform from MuJoCo's position and quaternion (w x y z) arrays. */
function transformAt(positions: Float64Array, quaternions: Float64Array, index: number): Transform {
  return {
    rotation: rotationMatrix(quaternionOf(quaternions, index)),
    translation: positions.slice(3 * index, 3 * index + 3),
  };
}

/**
 * Reads the arm's chain from a model: hinges `j0` … `j6` about the z axes of their bodies, and the site `tip`.
 *
 * Position limits are the joints' ranges, velocity limits the control ranges of the actuators named like the joints.
 * Throws SceneError where the scene is built otherwise.
 */
export function readChain(mujoco: MainModule, model: MjModel): ArmChain {
  const bodyPosition = numbers(model.body_pos);
  const bodyQuaternion = numbers(model.body_quat);
  const parents = indices(model.body_parentid);
  const range = numbers(model.jnt_range);
  const jointBody = indices(model.jnt_bodyid);
  const controlRange = numbers(model.actuator_ctrlrange);
  const joints = jointNames.map(name => indexOf(mujoco, model, 'joint', name));
  const actuators = jointNames.map(name => indexOf(mujoco, model, 'actuator', name));
  for (const [i, joint] of joints.entries()) {
    const axis = numbers(model.jnt_axis).subarray(3 * joint, 3 * joint + 3);
    const anchor = numbers(model.jnt_pos).subarray(3 * joint, 3 * joint + 3);
    if (axis[2] !== 1 || anchor.some(value => value !== 0))
      throw new SceneError(
        `Joint "${jointNames[i]}" must turn about the z axis of its body, but has axis [${axis}] at [${anchor}].`,
      );
  }

  /** The frame of a body in the frame of another one further up, or in the world. */
  const relative = (body: number, ancestor: number): Transform => {
    let transform = transformAt(bodyPosition, bodyQuaternion, body);
    for (let at = parents[body] as number; at !== ancestor; at = parents[at] as number) {
      if (at <= 0) throw new SceneError('The joints j0 … j6 must follow one another from the base to the tip.');
      transform = compose(transformAt(bodyPosition, bodyQuaternion, at), transform);
    }
    return transform;
  };
  const bodies = joints.map(joint => jointBody[joint] as number);
  const site = indexOf(mujoco, model, 'site', 'tip');
  const siteBody = indices(model.site_bodyid)[site] as number;
  const lastBody = bodies.at(-1) as number;
  const tip = transformAt(numbers(model.site_pos), numbers(model.site_quat), site);
  return {
    joints: bodies.map((body, i) => relative(body, i === 0 ? 0 : (bodies[i - 1] as number))),
    tip: siteBody === lastBody ? tip : compose(relative(siteBody, lastBody), tip),
    limits: {
      lower: Float64Array.from(joints, joint => range[2 * joint] as number),
      upper: Float64Array.from(joints, joint => range[2 * joint + 1] as number),
      velocity: Float64Array.from(actuators, actuator => controlRange[2 * actuator + 1] as number),
    },
  };
}

/** A site's place in the tip's frame, m; both must hang on the same body and the tip must not be turned in it. */
export function siteFromTip(mujoco: MainModule, model: MjModel, name: string): Vector3 {
  const tip = indexOf(mujoco, model, 'site', 'tip');
  const site = indexOf(mujoco, model, 'site', name);
  const positions = numbers(model.site_pos);
  const [x, y, z] = vectorAt(positions, 3 * site);
  const [tipX, tipY, tipZ] = vectorAt(positions, 3 * tip);
  return [x - tipX, y - tipY, z - tipZ];
}
