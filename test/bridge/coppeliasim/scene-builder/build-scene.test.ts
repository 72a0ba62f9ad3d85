import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { MjModel } from '@mujoco/mujoco';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type BuiltScene, buildScene } from '../../../../src/bridge/coppeliasim/scene-builder/index.ts';
import { createKinematics } from '../../../../src/bridge/index.ts';
import { mujocoModule } from '../../../../src/bridge/mujoco/module.ts';
import { compileScene } from '../../../../src/bridge/mujoco/scene-file.ts';
import { readScene } from '../../../../src/bridge/mujoco/scene-source.ts';
import { UsageError } from '../../../../src/common/errors.ts';
import { Random } from '../../../../src/common/random.ts';
import { fromPose, inverse, product, RecordedSim } from './recorded-sim.ts';

const crane = resolve(import.meta.dirname, '../../../fixtures/crane.xml');

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'graspbridge-scene-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function built(scene?: string): Promise<{ sim: RecordedSim; result: BuiltScene }> {
  const sim = new RecordedSim();
  const out = join(folder(), 'scene.ttt');
  const result = await buildScene(sim, { out, ...(scene === undefined ? {} : { scene }) });
  return { sim, result };
}

/** Sum over all moving shapes: mass, and the tensor about the world's origin, along its axes. */
function totals(sim: RecordedSim): { mass: number; inertia: number[] } {
  let mass = 0;
  const inertia = new Array<number>(9).fill(0);
  for (const [handle, object] of sim.objects) {
    if (object.inertia.length === 0) continue;
    mass += object.mass;
    const rows = [0, 1, 2].map(row => object.inertiaFrame.slice(4 * row, 4 * row + 4));
    addTensor(inertia, product(sim.world(handle), [...rows, [0, 0, 0, 1]]), object.inertia, object.mass);
  }
  return { mass, inertia };
}

/** The same from MuJoCo's arrays, for the bodies that something can move. */
function modelTotals(model: MjModel): { mass: number; inertia: number[] } {
  let mass = 0;
  const inertia = new Array<number>(9).fill(0);
  const worlds: ReturnType<typeof fromPose>[] = [];
  const pose = (positions: Float64Array, quaternions: Float64Array, at: number) => {
    const [w, x, y, z] = quaternions.subarray(4 * at, 4 * at + 4);
    return fromPose([...positions.subarray(3 * at, 3 * at + 3), x, y, z, w] as number[]);
  };
  for (let body = 0; body < model.nbody; body++) {
    const own = pose(model.body_pos, model.body_quat, body);
    const world = body === 0 ? own : product(worlds[model.body_parentid[body]] as never, own);
    worlds.push(world);
    if (model.body_weldid[body] === 0) continue;
    const [a, b, c] = model.body_inertia.subarray(3 * body, 3 * body + 3);
    const frame = product(world, pose(model.body_ipos, model.body_iquat, body));
    addTensor(inertia, frame, [a, 0, 0, 0, b, 0, 0, 0, c] as number[], model.body_mass[body]);
    mass += model.body_mass[body];
  }
  return { mass, inertia };
}

function addTensor(sum: number[], frame: ReturnType<typeof fromPose>, tensor: readonly number[], mass: number): void {
  const at = (i: number, j: number) => (frame[i] as number[])[j] as number;
  const center = [0, 1, 2].map(i => at(i, 3));
  const square = center.reduce((total, value) => total + value * value, 0);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) {
      let turned = 0;
      for (let k = 0; k < 3; k++)
        for (let l = 0; l < 3; l++) turned += at(i, k) * (tensor[3 * k + l] as number) * at(j, l);
      const shift = mass * ((i === j ? square : 0) - (center[i] as number) * (center[j] as number));
      (sum[3 * i + j] as number) += turned + shift;
    }
}

function expectNear(found: readonly number[], wanted: ArrayLike<number>, tolerance: number): void {
  expect(found).toHaveLength(wanted.length);
  for (const [i, value] of found.entries()) expect(Math.abs(value - (wanted[i] as number))).toBeLessThan(tolerance);
}

describe("the package's own scene", () => {
  let sim: RecordedSim;
  let result: BuiltScene;
  let standing: number[];
  beforeAll(async () => {
    sim = new RecordedSim();
    const out = join(mkdtempSync(join(tmpdir(), 'graspbridge-scene-')), 'sawyer.ttt');
    result = await buildScene(sim, { out });
    rmSync(out);
    standing = ['Sawyer_joint1', 'Sawyer_joint2', 'BaxterGripper_leftJoint'].map(name => sim.find(name).position);
  });

  test('the same joint angles give the same tip pose as in MuJoCo, to 1 mm', async () => {
    const kinematics = await createKinematics();
    const random = new Random(7);
    const { lower, upper } = kinematics.limits;
    const tip = sim.find('Sawyer_tip').handle;
    for (let round = 0; round < 20; round++) {
      const angles = Array.from(lower, (low, i) => random.uniform(low, upper[i] as number));
      for (const [i, angle] of angles.entries()) sim.setJoint(`Sawyer_joint${i + 1}`, angle);
      const { position, orientation } = kinematics.tipPose(angles);
      const wanted = fromPose([...position, ...orientation]);
      const difference = product(inverse(wanted), sim.world(tip));
      for (const [i, row] of difference.entries())
        expectNear(
          row.map((value, j) => value - Number(i === j)),
          [0, 0, 0, 0],
          1e-3,
        );
    }
  });

  test('everything that programs and scene files of the original scene name is there, under the original paths', () => {
    const names = JSON.parse(
      readFileSync(resolve(import.meta.dirname, '../../../../scenes/sawyer-grasp.scene.json'), 'utf8'),
    );
    const { joints, ...rest } = names.objects as { joints: string[] } & Record<string, string>;
    for (const path of [...joints, ...Object.values(rest)]) {
      const [root, name] = path.split('/').slice(1) as [string, string | undefined];
      const full = sim.path(sim.find(name ?? root).handle);
      expect(full.startsWith(`/${root}`), path).toBe(true);
      expect(full.endsWith(`/${name ?? root}`), path).toBe(true);
    }
  });

  test('its joints have the limits and torques of the model, and are driven by velocity', () => {
    // scenes/sawyer-grasp.xml: j4, left_finger.
    const wrist = sim.find('Sawyer_joint5');
    expect(wrist.interval).toEqual([false, [-2.9761, 2 * 2.9761]]);
    expect(wrist.force).toBe(9);
    expect(wrist.params.get(2039)).toBe(4);
    const finger = sim.find('BaxterGripper_leftJoint');
    expect(finger.interval).toEqual([false, [0, 0.04]]);
    // The original scene's object table: upright, the gripper open.
    expectNear(standing, [0, -1.570796, 0.04], 1e-6);
  });

  test('masses and inertias add up to those of the model', async () => {
    const mujoco = await mujocoModule();
    const path = resolve(import.meta.dirname, '../../../../scenes/sawyer-grasp.xml');
    const model = compileScene(mujoco, await readScene(path), undefined, false);
    const wanted = modelTotals(model);
    model.delete();
    for (const [name, position] of Object.entries({
      Sawyer_joint2: 0,
      BaxterGripper_leftJoint: 0,
      BaxterGripper_rightJoint: 0,
    }))
      sim.setJoint(name, position);
    for (let i = 1; i <= 7; i++) sim.setJoint(`Sawyer_joint${i}`, 0);
    const found = totals(sim);
    expect(found.mass).toBeCloseTo(wanted.mass, 9);
    expectNear(found.inertia, wanted.inertia, 1e-6);
    expect(sim.find('target').mass).toBe(0.25);
  });

  test('what collides in the model collides, and nothing else', () => {
    const mask = (name: string) => sim.find(name).params.get(3019) as number;
    // Masks of objects in different trees are compared by their upper bytes.
    const touch = (a: string, b: string) => ((mask(a) >> 8) & (mask(b) >> 8)) !== 0;
    for (const part of [
      'BaxterGripper_leftPad',
      'BaxterGripper_righPad',
      'BaxterGripper_leftFinger',
      'BaxterGripper',
      'Sawyer_link6',
      'diningTable',
      'Floor',
    ])
      expect(touch('target', part), part).toBe(true);
    for (const part of ['BaxterGripper_leftPad', 'BaxterGripper', 'Sawyer_link5'])
      expect(touch('diningTable', part), part).toBe(true);
    expect(touch('diningTable', 'BaxterGripper_leftFinger')).toBe(false);
    expect(touch('diningTable', 'Floor')).toBe(false);
    expect(touch('target', 'Sawyer_link5')).toBe(false);
    // The base is part of the physics, as the arm hangs on it, and touches nothing.
    expect(sim.find('Sawyer').params.get(3004)).toBe(1);
    expect(mask('Sawyer')).toBe(0);
    // Within the arm nothing does.
    expect(mask('BaxterGripper_leftPad') & mask('BaxterGripper_righPad') & 255).toBe(0);
  });

  test("contacts slide as in the model: Bullet multiplies the two objects' factors", () => {
    const friction = (name: string) => sim.find(name).engine.get(6002) as number;
    // scenes/sawyer-grasp.xml, <contact>: pads on the target 2, target on the table 0.8, pads on the table 0.5. The hand
    // and the fingers, of which nothing is said, pull a little at these.
    expect(friction('BaxterGripper_leftPad') * friction('target')).toBeGreaterThan(1.4);
    expect(friction('diningTable') * friction('target')).toBeCloseTo(0.8, 0);
    expect(friction('diningTable') * friction('BaxterGripper_leftPad')).toBeLessThan(0.9);
  });

  test('the scene has the engine, steps and gravity of the original, and no second floor', () => {
    expect(sim.parameters.get('int 8')).toBe(0);
    expect(sim.parameters.get('float 1')).toBe(0.05);
    expect(sim.parameters.get('float 5')).toBe(0.005);
    expect(sim.parameters.get('array 0')).toEqual([0, 0, -9.81]);
    expect([...sim.objects.values()].filter(object => object.alias === 'Floor')).toHaveLength(1);
    expect(sim.find('Floor').parts[0]?.sizes).toEqual([5, 5, 0.04]);
    expect(result.largestDistance).toBeLessThan(1e-6);
    expect(result.joints).toBe(9);
  });
});

describe('another model', () => {
  test('every shape has its size, every joint its place, and the masses add up', async () => {
    const { sim, result } = await built(crane);
    const parts = (name: string) => sim.find(name).parts;
    // test/fixtures/crane.xml
    expect(parts('ground')[0]).toMatchObject({ type: 3, sizes: [10, 10, 0.04] });
    expect(parts('mast')[0]?.sizes).toEqual([0.1, 0.1, 1]);
    expect(parts('tower')[0]).toMatchObject({
      type: 3,
      sizes: [0.2, 0.2, 0.1],
      color: [0.9, 0.5, 0.1].map(Math.fround),
    });
    expect(parts('cabin')[0]).toMatchObject({ type: 4, sizes: [0.16, 0.12, 0.1] });
    expect(parts('jib')[0]?.type).toBe(8);
    expectNear(parts('jib')[0]?.sizes ?? [], [0.06, 0.06, 0.46], 1e-12);
    expect(parts('ball')[0]).toMatchObject({ type: 4, sizes: [0.08, 0.08, 0.08] });
    expect(parts('crate___no__1')).toHaveLength(2);
    expect(sim.path(sim.find('hook').handle)).toBe('/mast/slew/tower/luff/luff_link/reach/jib/hook');
    expect(sim.path(sim.find('cabin').handle)).toBe('/mast/slew/tower/cabin_connection/cabin');
    expect(sim.find('slew')).toMatchObject({ type: 10, position: 0.4, force: 0 });
    expect(sim.find('slew').interval[0]).toBe(true);
    expect(sim.find('reach')).toMatchObject({ type: 11, force: 40 });
    expect(sim.find('reach').params.get(2039)).toBe(8);
    expect(sim.find('swing').type).toBe(12);
    expect(sim.find('mast').params.get(3003)).toBe(1);
    expect(sim.find('tower').params.get(3003)).toBe(0);
    expect(sim.parameters.get('array 0')).toEqual([0, 0, -3.7]);
    expect(result.largestDistance).toBeLessThan(1e-6);
    expect(result.notes.join()).toContain('the 2 joints of jib');
    const mujoco = await mujocoModule();
    const model = compileScene(mujoco, await readScene(crane), undefined, false);
    const wanted = modelTotals(model);
    model.delete();
    const found = totals(sim);
    expect(found.mass).toBeCloseTo(wanted.mass, 9);
    expectNear(found.inertia, wanted.inertia, 1e-6);
  });

  test('with random joint positions the hook is where MuJoCo has it, to 1 mm', async () => {
    const { sim } = await built(crane);
    const mujoco = await mujocoModule();
    const model = compileScene(mujoco, await readScene(crane), undefined, false);
    const data = new mujoco.MjData(model);
    const random = new Random(3);
    const site = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_SITE.value, 'hook');
    for (let round = 0; round < 10; round++) {
      const positions = { slew: random.uniform(-3, 3), luff: random.uniform(-0.5, 1.2), reach: random.uniform(0, 0.6) };
      for (const [name, position] of Object.entries(positions)) {
        sim.setJoint(name, position);
        const joint = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_JOINT.value, name);
        data.qpos[model.jnt_qposadr[joint]] = position;
      }
      mujoco.mj_kinematics(model, data);
      expectNear(sim.position('hook'), data.site_xpos.subarray(3 * site, 3 * site + 3), 1e-3);
    }
    data.delete();
    model.delete();
  });
});

describe('what cannot be', () => {
  test('a file that is there is not written over, unless told', async () => {
    const out = join(folder(), 'scene.ttt');
    writeFileSync(out, 'mine');
    const sim = new RecordedSim();
    await expect(buildScene(sim, { out, scene: crane })).rejects.toThrow(UsageError);
    expect(sim.calls).toEqual([]);
    expect(readFileSync(out, 'utf8')).toBe('mine');
    await buildScene(sim, { out, scene: crane, force: true });
    expect(readFileSync(out, 'utf8')).toContain('hook');
  });

  test.each(['createJoint', 'setShapeInertia', 'getObjectPose', 'saveScene'])(
    'when %s fails the new scene is closed and no file is left',
    async name => {
      const directory = folder();
      const sim = new RecordedSim();
      sim.failing = name;
      await expect(buildScene(sim, { out: join(directory, 'scene.ttt'), scene: crane })).rejects.toThrow(
        'told to fail',
      );
      expect(sim.calls.at(-1)).toBe('closeScene');
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  test('a scene whose objects are not where they should be is not saved', async () => {
    const sim = new RecordedSim();
    const call = sim.call.bind(sim);
    // A simulator whose joints turn the other way round.
    sim.call = (func, args = []) =>
      call(func, func === 'sim.setJointPosition' ? [args[0], -(args[1] as number)] : args);
    const out = join(folder(), 'scene.ttt');
    await expect(buildScene(sim, { out })).rejects.toThrow(/Checking the built scene failed: \w+ is [\d.]+ mm/);
    expect(existsSync(out)).toBe(false);
  });

  test('a running simulation is not disturbed', async () => {
    const sim = new RecordedSim();
    sim.simulationState = 17;
    await expect(buildScene(sim, { out: join(folder(), 'scene.ttt') })).rejects.toThrow('Stop it first');
    expect(sim.calls).toEqual(['getSimulationState']);
  });

  test('names of things that the model has not are refused', async () => {
    const names = {
      bodies: { tourelle: 'Tower' },
      joints: {},
      sites: {},
      worldGeoms: {},
      connections: {},
      ownShapes: {},
      initial: {},
    };
    await expect(
      buildScene(new RecordedSim(), { out: join(folder(), 'scene.ttt'), scene: crane, names }),
    ).rejects.toThrow('bodies.tourelle');
  });
});
