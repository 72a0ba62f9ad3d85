import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ForwardKinematics } from '../../src/bridge/arm/chain.ts';
import { geometricJacobian, poseError } from '../../src/bridge/arm/jacobian.ts';
import { createKinematics, createMujocoSimulator, InvalidCommandError, type Pose } from '../../src/bridge/index.ts';
import { acquireScene, type CompiledScene, releaseScene } from '../../src/bridge/mujoco/compiled-scenes.ts';
import { defaultScene } from '../../src/bridge/mujoco/scene-file.ts';
import { Random } from '../../src/common/random.ts';

/** Initial joints of the original task, rad. */
const originalJoints = [0.001815, -1.422498, 0.704304, 2.543072, 2.972469, -0.498951, 4.10556];

/** Hand facing down, fingers sliding at `yaw` from the world's x axis. */
const down = (x: number, y: number, z: number, yaw: number): Pose => ({
  position: [x, y, z],
  orientation: [Math.cos(yaw / 2), Math.sin(yaw / 2), 0, 0],
});

/** Translation (m) and angle (rad) between two poses. */
function difference(a: Pose, b: Pose): { translation: number; angle: number } {
  const translation = Math.hypot(...a.position.map((value, i) => value - (b.position[i] as number)));
  const dot = a.orientation.reduce((sum, value, i) => sum + value * (b.orientation[i] as number), 0);
  return { translation, angle: 2 * Math.acos(Math.min(1, Math.abs(dot))) };
}

describe("the arm's chain against MuJoCo", () => {
  let scene: CompiledScene;
  beforeAll(async () => {
    scene = await acquireScene(defaultScene, undefined);
  });
  afterAll(() => releaseScene(scene));

  it('gives the tip and its Jacobian to 1e-9 at random angles', () => {
    const { mujoco, model, layout } = scene;
    const random = new Random(1);
    const data = new mujoco.MjData(model);
    const site = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_SITE.value, 'tip');
    const translational = new mujoco.DoubleBuffer(3 * model.nv);
    const rotational = new mujoco.DoubleBuffer(3 * model.nv);
    const forward = new ForwardKinematics(layout.chain);
    const jacobian = new Float64Array(42);
    for (let sample = 0; sample < 50; sample++) {
      const { lower, upper } = layout.chain.limits;
      const angles = lower.map((low, j) => random.uniform(low, upper[j]));
      data.qpos.set(angles, layout.arm.position);
      mujoco.mj_kinematics(model, data);
      mujoco.mj_comPos(model, data);
      mujoco.mj_jacSite(model, data, translational, rotational, site);
      forward.update(angles);
      geometricJacobian(forward, jacobian);
      for (let i = 0; i < 3; i++) expect(forward.position[i]).toBeCloseTo(data.site_xpos[3 * site + i], 9);
      for (let i = 0; i < 9; i++) expect(forward.rotation[i]).toBeCloseTo(data.site_xmat[9 * site + i], 9);
      for (let row = 0; row < 3; row++)
        for (let j = 0; j < 7; j++) {
          const at = model.nv * row + layout.arm.velocity + j;
          expect(jacobian[7 * row + j]).toBeCloseTo(translational.GetView()[at], 9);
          expect(jacobian[7 * (3 + row) + j]).toBeCloseTo(rotational.GetView()[at], 9);
        }
    }
    for (const each of [data, translational, rotational]) each.delete();
  });

  it('has a pose error that is the twist which the Jacobian maps a small motion to', () => {
    const forward = new ForwardKinematics(scene.layout.chain);
    const angles = Float64Array.of(0.1, -0.9, 0.2, 1.7, -0.3, 0.8, 1);
    const motion = Float64Array.of(1, -2, 1.5, 0.5, -1, 2, 1).map(value => value * 1e-6);
    forward.update(angles.map((angle, j) => angle + (motion[j] as number)));
    const goal = forward.tipPose();
    forward.update(angles);
    const jacobian = geometricJacobian(forward, new Float64Array(42));
    const error = poseError(forward, goal, new Float64Array(6));
    for (let i = 0; i < 6; i++) {
      let expected = 0;
      for (let j = 0; j < 7; j++) expected += (jacobian[7 * i + j] as number) * (motion[j] as number);
      expect(error[i]).toBeCloseTo(expected, 10);
    }
  });
});

describe('inverse kinematics', () => {
  it('needs no simulator', async () => {
    const kinematics = await createKinematics();
    const simulator = await createMujocoSimulator();
    expect(kinematics.tipPose(kinematics.home)).toEqual(simulator.kinematics.tipPose(kinematics.home));
    kinematics.close();
    await simulator.close();
  });

  it('finds the tip at (0.169, 0.122, 0.947) at the initial joints of the original task', async () => {
    // Measured in CoppeliaSim 4.10 on the original scene.
    const { position } = (await createKinematics()).tipPose(originalJoints);
    expect(position[0]).toBeCloseTo(0.169, 3);
    expect(position[1]).toBeCloseTo(0.122, 3);
    expect(position[2]).toBeCloseTo(0.947, 3);
  });

  it('solves every pose over the workspace with the hand down, within the limits', async () => {
    const kinematics = await createKinematics();
    const random = new Random(2);
    const { lower, upper } = kinematics.limits;
    for (let sample = 0; sample < 200; sample++) {
      const yaw = random.uniform(-Math.PI / 2, Math.PI / 2);
      const goal = down(random.uniform(0.1, 0.45), random.uniform(-0.3, 0.3), random.uniform(0.86, 1.1), yaw);
      const angles = kinematics.solve(goal, kinematics.home);
      expect(angles, JSON.stringify(goal)).not.toBeNull();
      const { translation, angle } = difference(kinematics.tipPose(angles as Float64Array), goal);
      expect(translation).toBeLessThan(1e-5);
      expect(angle).toBeLessThan(1e-5);
      angles?.forEach((value, j) => {
        expect(value).toBeGreaterThanOrEqual(lower[j] as number);
        expect(value).toBeLessThanOrEqual(upper[j] as number);
      });
    }
  });

  it('says null of what is out of reach', async () => {
    const kinematics = await createKinematics();
    expect(kinematics.solve(down(2, 0, 1, 0), kinematics.home)).toBeNull();
    expect(kinematics.solve(down(0.3, 0, 3, 0), kinematics.home)).toBeNull();
  });

  it('leads to a goal and stays there, elbow near home, never over a velocity limit', async () => {
    const kinematics = await createKinematics();
    const { velocity } = kinematics.limits;
    const angles = kinematics.home.slice();
    const velocities = new Float64Array(7);
    const goal = down(0.4, -0.25, 0.9, 1.2);
    for (let step = 0; step < 200; step++) {
      kinematics.velocitiesTowards(angles, goal, velocities);
      velocities.forEach((value, j) => {
        expect(Math.abs(value)).toBeLessThanOrEqual((velocity[j] as number) + 1e-12);
      });
      for (let j = 0; j < 7; j++) angles[j] = (angles[j] as number) + 0.025 * (velocities[j] as number);
    }
    const { translation, angle } = difference(kinematics.tipPose(angles), goal);
    // What the pull towards home leaves behind the damping.
    expect(translation).toBeLessThan(1e-3);
    expect(angle).toBeLessThan(5e-3);
  });

  it('covers the workspace from the initial joints of the original task, the wrist bent backwards', async () => {
    const kinematics = await createKinematics();
    const random = new Random(3);
    const velocities = new Float64Array(7);
    for (let sample = 0; sample < 30; sample++) {
      // Between the yaw it has there, 83°, and half a turn: beyond, the last joint comes to its limit.
      const yaw = random.uniform(1.46, Math.PI);
      const goal = down(random.uniform(0.15, 0.4), random.uniform(-0.2, 0.2), random.uniform(0.86, 0.95), yaw);
      expect(kinematics.solve(goal, originalJoints), JSON.stringify(goal)).not.toBeNull();
      const angles = Float64Array.from(originalJoints);
      for (let step = 0; step < 240; step++) {
        kinematics.velocitiesTowards(angles, goal, velocities);
        for (let j = 0; j < 7; j++) angles[j] = (angles[j] as number) + 0.025 * (velocities[j] as number);
      }
      expect(difference(kinematics.tipPose(angles), goal).translation, JSON.stringify(goal)).toBeLessThan(2e-3);
    }
  });

  it('stops a joint at its limit and lets the others carry on', async () => {
    const kinematics = await createKinematics();
    const angles = kinematics.home.slice();
    angles[6] = kinematics.limits.upper[6] as number;
    const tip = kinematics.tipPose(angles);
    // Facing down, a positive turn of the last joint is a negative yaw: this goal asks for more of it.
    const [x, y, z, w] = tip.orientation;
    const half = -0.2;
    const c = Math.cos(half);
    const s = Math.sin(half);
    const goal: Pose = {
      position: [tip.position[0], tip.position[1], tip.position[2] + 0.05],
      orientation: [c * x - s * y, c * y + s * x, c * z + s * w, c * w - s * z],
    };
    const velocities = kinematics.velocitiesTowards(angles, goal, new Float64Array(7));
    expect(velocities[6]).toBe(0);
    expect(Math.hypot(...velocities)).toBeGreaterThan(0.1);
  });

  it('refuses a goal or a start that is not a number', async () => {
    const kinematics = await createKinematics();
    expect(() => kinematics.solve(down(Number.NaN, 0, 1, 0), kinematics.home)).toThrow(InvalidCommandError);
    expect(() => kinematics.solve(down(0.3, 0, 1, 0), [1, 2, 3])).toThrow(/7 numbers/);
  });
});
