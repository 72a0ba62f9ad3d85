import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMujocoSimulator, type SceneDescription, type Simulator } from '../../src/bridge/index.ts';
import { mujocoModule } from '../../src/bridge/mujoco/module.ts';
import { compileScene, defaultScene } from '../../src/bridge/mujoco/scene-file.ts';
import { readScene } from '../../src/bridge/mujoco/scene-source.ts';
import { type Quaternion, rotate, rotatedAxis, type Vector3 } from '../../src/common/rotations.ts';

interface RecordedObject {
  readonly position: Vector3;
  readonly quaternion: Quaternion;
  readonly jointPosition?: number;
  readonly mass?: number;
}

interface PublishedLink {
  readonly link: string;
  readonly range: readonly [number, number];
  readonly max_torque: number;
  readonly mass: number;
  readonly com: Vector3;
  readonly inertia: Vector3;
}

function fixture<T>(name: string): T {
  // The fixtures are ours; their shape is declared where they are read.
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')) as T;
}

/** The original scene as CoppeliaSim 4.10 shows it, at the angles it was recorded at. */
const recorded = fixture<{ objects: Record<string, RecordedObject> }>('sawyer-scene-table.json').objects;
const published = fixture<{ links: readonly PublishedLink[] }>('sawyer-kinematics.json').links;

const object = (name: string): RecordedObject => {
  const found = recorded[name];
  if (!found) throw new Error(`no ${name} in the recorded table`);
  return found;
};
const distance = (a: Vector3, b: Vector3) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe('the scene at the recorded angles', () => {
  let simulator: Simulator;
  let scene: SceneDescription;
  let poses: Float64Array;

  beforeAll(async () => {
    simulator = await createMujocoSimulator();
    scene = await simulator.describe();
    await simulator.reset({
      jointPositions: [1, 2, 3, 4, 5, 6, 7].map(joint => object(`Sawyer_joint${joint}`).jointPosition as number),
      target: { position: object('target').position, orientation: object('target').quaternion },
    });
    poses = await simulator.bodyPoses();
  });
  afterAll(() => simulator.close());

  const bodyPose = (name: string): { position: Vector3; orientation: Quaternion } => {
    const at = 7 * scene.bodies.findIndex(body => body.name === name);
    const [x, y, z, qx, qy, qz, qw] = poses.subarray(at, at + 7) as unknown as number[] & [number, number, number];
    return { position: [x, y, z], orientation: [qx, qy, qz, qw] as unknown as Quaternion };
  };
  const shapeCentre = (bodyName: string, shapeName: string): Vector3 => {
    const shape = scene.bodies.find(body => body.name === bodyName)?.shapes.find(each => each.name === shapeName);
    if (!shape) throw new Error(`no shape ${shapeName}`);
    const body = bodyPose(bodyName);
    const offset = rotate(body.orientation, shape.pose.position);
    return [0, 1, 2].map(i => (body.position[i] as number) + (offset[i] as number)) as unknown as Vector3;
  };

  it.each([0, 1, 2, 3, 4, 5, 6])('has the axis of joint %i on the recorded one to 0.1 mm', joint => {
    const link = bodyPose(`l${joint}`);
    const axis = rotatedAxis(link.orientation, 2);
    const { position, quaternion } = object(`Sawyer_joint${joint + 1}`);
    const away = position.map((value, i) => value - (link.position[i] as number));
    const along = away.reduce((sum, value, i) => sum + value * (axis[i] as number), 0);
    const beside = away.map((value, i) => value - along * (axis[i] as number));
    expect(Math.hypot(...beside)).toBeLessThan(1e-4);
    const recordedAxis = rotatedAxis(quaternion, 2);
    expect(axis[0] * recordedAxis[0] + axis[1] * recordedAxis[1] + axis[2] * recordedAxis[2]).toBeGreaterThan(1 - 1e-6);
  });

  it('has tip, gripper and proximity sensor where the recording has them, turned alike', async () => {
    const state = await simulator.state();
    expect(distance(state.tip.position, object('Sawyer_tip').position)).toBeLessThan(1e-4);
    expect(distance(state.gripper.position, object('BaxterGripper').position)).toBeLessThan(1e-4);
    for (const axis of [0, 1, 2] as const) {
      const ours = rotatedAxis(state.tip.orientation, axis);
      const theirs = rotatedAxis(object('Sawyer_tip').quaternion, axis);
      expect(distance(ours, theirs)).toBeLessThan(2e-3);
    }
  });

  it('has the open pads where the recording has them', async () => {
    expect(distance(shapeCentre('left_finger', 'left_pad'), object('BaxterGripper_leftPad').position)).toBeLessThan(
      1e-3,
    );
    expect(distance(shapeCentre('right_finger', 'right_pad'), object('BaxterGripper_righPad').position)).toBeLessThan(
      1e-3,
    );
    const state = await simulator.state();
    const left = object('BaxterGripper_leftPad').position;
    const right = object('BaxterGripper_righPad').position;
    const middle = [0, 1, 2].map(i => ((left[i] as number) + (right[i] as number)) / 2) as unknown as Vector3;
    expect(distance(state.padsCenter, middle)).toBeLessThan(1e-3);
    expect(state.gripperOpening).toBeCloseTo(0.08, 9);
  });

  it('has the table top at z = 0.75 and the recorded block', () => {
    const table = scene.bodies.flatMap(body => body.shapes).find(shape => shape.name === 'table');
    expect(shapeCentre('table', 'table')[2] + (table?.size[2] as number)).toBeCloseTo(0.75, 9);
    expect(table?.size.slice(0, 2)).toEqual([0.8, 0.55]);
    const target = scene.bodies.find(body => body.name === 'target');
    expect(target?.mass).toBe(object('target').mass);
    expect(target?.shapes[0]?.size).toEqual([0.025, 0.05, 0.025]);
  });

  it('looks like something: every link has shapes, and few of them collide', () => {
    for (const body of scene.bodies.filter(each => /^(base|l\d|hand|.*finger|table|target)$/.test(each.name)))
      expect(body.shapes.length, body.name).toBeGreaterThan(0);
    const colliding = scene.bodies.flatMap(body => body.shapes).filter(shape => shape.collides);
    expect(colliding.map(shape => shape.name).sort()).toEqual([
      'floor',
      'forearm',
      'hand',
      'left_finger',
      'left_pad',
      'right_finger',
      'right_pad',
      'table',
      'target',
      'wrist',
    ]);
  });
});

describe('the arm', () => {
  it('has the published limits, torques, masses and inertias', async () => {
    const mujoco = await mujocoModule();
    const model = compileScene(mujoco, await readScene(defaultScene), undefined, true);
    for (const [joint, link] of published.entries()) {
      const body = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY.value, link.link);
      expect(model.body_mass[body], link.link).toBe(link.mass);
      expect([...model.body_inertia.subarray(3 * body, 3 * body + 3)]).toEqual(link.inertia);
      expect([...model.body_ipos.subarray(3 * body, 3 * body + 3)]).toEqual(link.com);
      expect([...model.jnt_range.subarray(2 * joint, 2 * joint + 2)]).toEqual(link.range);
      expect([...model.actuator_forcerange.subarray(2 * joint, 2 * joint + 2)]).toEqual([
        -link.max_torque,
        link.max_torque,
      ]);
    }
    model.delete();
  });

  it('has the recorded velocity limits', async () => {
    const simulator = await createMujocoSimulator();
    // The joints' upper velocity limits in the original scene, rad/s.
    expect([...simulator.kinematics.limits.velocity]).toEqual([1.74, 1.328, 1.957, 1.957, 3.485, 3.485, 4.545]);
    await simulator.close();
  });
});
