import type { MainModule, MjModel } from '@mujoco/mujoco';
import { type Vector3, vectorAt } from '../../common/rotations.ts';
import type { ArmChain } from '../arm/chain.ts';
import { indices, numbers } from './model-arrays.ts';
import { indexOf } from './names.ts';
import { readChain, siteFromTip } from './read-chain.ts';

/** Where everything is in a compiled scene: indices into MuJoCo's arrays, and the fixed measures of the gripper. */
export interface SceneLayout {
  readonly chain: ArmChain;
  /** First of the seven arm joints in `qpos`, `qvel` and `ctrl`; the others follow. */
  readonly arm: { readonly position: number; readonly velocity: number; readonly control: number };
  readonly leftFinger: number;
  readonly rightFinger: number;
  readonly gripperControl: number;
  /** Lowest and highest opening that the gripper can be told, m. */
  readonly gripperControlRange: readonly [number, number];
  /** Highest opening that the fingers' limits allow, m. */
  readonly maximumOpening: number;
  /** The target's free joint: three of position and four of quaternion (w x y z). */
  readonly target: number;
  readonly targetHalfExtents: Vector3;
  /** Places in the tip's frame, m. */
  readonly gripper: Vector3;
  readonly proximity: Vector3;
  /** Middle between the pads along the fingers, in the tip's frame, m. */
  readonly pads: Vector3;
  /** Contact sensors in `sensordata`: found, then the force's three numbers. */
  readonly sensors: {
    readonly leftPadTarget: number;
    readonly rightPadTarget: number;
    readonly leftPadTable: number;
    readonly rightPadTable: number;
  };
  readonly timeStep: number;
}

/** Reads the layout of a compiled scene. Throws SceneError naming what is missing. */
export function readLayout(mujoco: MainModule, model: MjModel): SceneLayout {
  const index = (kind: Parameters<typeof indexOf>[2], name: string) => indexOf(mujoco, model, kind, name);
  const positionOf = (joint: string) => indices(model.jnt_qposadr)[index('joint', joint)] as number;
  const sensor = (name: string) => indices(model.sensor_adr)[index('sensor', name)] as number;
  const vector = (array: Float64Array, at: number) => vectorAt(array, 3 * at);
  const gripperControl = index('actuator', 'gripper');
  const controlRange = numbers(model.actuator_ctrlrange);
  const fingerRange = numbers(model.jnt_range);
  const fingerBody = vector(numbers(model.body_pos), index('body', 'left_finger'));
  const pad = vector(numbers(model.geom_pos), index('geom', 'left_pad'));
  const option = model.opt;
  const timeStep = option.timestep;
  option.delete();
  return {
    chain: readChain(mujoco, model),
    arm: {
      position: positionOf('j0'),
      velocity: indices(model.jnt_dofadr)[index('joint', 'j0')] as number,
      control: index('actuator', 'j0'),
    },
    leftFinger: positionOf('left_finger'),
    rightFinger: positionOf('right_finger'),
    gripperControl,
    gripperControlRange: [controlRange[2 * gripperControl] as number, controlRange[2 * gripperControl + 1] as number],
    maximumOpening:
      (fingerRange[2 * index('joint', 'left_finger') + 1] as number) +
      (fingerRange[2 * index('joint', 'right_finger') + 1] as number),
    target: positionOf('target'),
    targetHalfExtents: vector(numbers(model.geom_size), index('geom', 'target')),
    gripper: siteFromTip(mujoco, model, 'gripper'),
    proximity: siteFromTip(mujoco, model, 'proximity'),
    pads: [0, fingerBody[1] + pad[1], fingerBody[2] + pad[2]],
    sensors: {
      leftPadTarget: sensor('left_pad_target'),
      rightPadTarget: sensor('right_pad_target'),
      leftPadTable: sensor('left_pad_table'),
      rightPadTable: sensor('right_pad_table'),
    },
    timeStep,
  };
}
