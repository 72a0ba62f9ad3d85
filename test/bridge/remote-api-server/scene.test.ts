import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createKinematics } from '../../../src/bridge/index.ts';
import { RawClient, served } from './raw-client.ts';

/** The original scene's objects as CoppeliaSim 4.10 listed them: paths as parents, poses in the world. */
const listed = JSON.parse(
  readFileSync(new URL('../../../scenes/served/objects.json', import.meta.url), 'utf8'),
) as readonly {
  handle: number;
  alias: string;
  parent: number;
  position: number[];
  quaternion: number[];
}[];

test('all 68 objects are where the original scene has them, to 1.2 mm and 1 mrad', async () => {
  const client = new RawClient(await served());
  expect(listed).toHaveLength(68);
  for (const { handle, alias, parent, position, quaternion } of listed) {
    const pose = await client.value<number[]>('sim.getObjectPose', handle);
    expect(await client.value('sim.getObjectAlias', handle)).toBe(alias);
    expect(await client.value('sim.getObjectParent', handle)).toBe(parent);
    const distance = Math.hypot(...position.map((value, i) => value - (pose[i] as number)));
    expect(distance, `${alias} ${pose}`).toBeLessThan(1.2e-3);
    const apart = (sign: number) => Math.hypot(...quaternion.map((value, i) => value - sign * (pose[3 + i] as number)));
    // Twice the distance of two unit quaternions near each other is the angle between them.
    expect(2 * Math.min(apart(1), apart(-1)), alias).toBeLessThan(1e-3);
  }
});

test('paths: any depth, full, by order, by pattern, relative', async () => {
  const client = new RawClient(await served());
  const find = (path: string, options: object = { noError: true }) => client.value('sim.getObject', path, options);
  expect(await find('/Sawyer/Sawyer_joint2')).toBe(23);
  expect(await find('/Sawyer_joint2')).toBe(23);
  expect(await find('/Sawyer_joint2/Sawyer_joint1')).toBe(-1);
  expect(await find('Sawyer_joint2')).toBe(-1);
  expect(await find('')).toBe(-1);
  expect(await find('/')).toBe(-1);
  expect(await client.value<string>('sim.getObjectAlias', 23, 2)).toBe(
    '/Sawyer/Sawyer_joint1/Sawyer_link1/Sawyer_joint2',
  );
  expect(await find('/Sawyer/Sawyer_joint1/Sawyer_link1/Sawyer_joint2')).toBe(23);
  // Joints in tree order, level by level, so that the head's comes before the second of the arm.
  expect(await find('/Sawyer/Sawyer_joint*', { index: 2, noError: true })).toBe(25);
  expect(await find('/Sawyer/Sawyer_joint*{2}')).toBe(25);
  expect(await find('/Sawyer/Sawyer_joint*', { index: 7, noError: true })).toBe(-1);
  expect(await find('./Sawyer_tip', { proxy: 23, noError: true })).toBe(38);
  expect(await find('../..', { proxy: 23, noError: true })).toBe(17);
  expect(await find('.', { proxy: 23, noError: true })).toBe(23);
  const twins = [await client.value('sim.createDummy', 0.01), await client.value('sim.createDummy', 0.01)];
  // The scene has one `/Dummy` already.
  expect([await find('/Dummy[1]'), await find('/Dummy[2]'), await find('/Dummy[3]')]).toEqual([...twins, -1]);
  expect(await client.value<string>('sim.getObjectAlias', twins[1], 1)).toBe('/Dummy[2]');
});

test('every short path leads back to its object', async () => {
  const client = new RawClient(await served());
  for (const { handle } of listed)
    expect(await client.value('sim.getObject', await client.value('sim.getObjectAlias', handle, 1))).toBe(handle);
});

test('a path with stars at every level of a deep tree is given up quickly', async () => {
  const client = new RawClient(await served(), { receiveTimeout: 5 });
  expect(await client.value('sim.getObject', '/*'.repeat(60), { noError: true })).toBe(-1);
  expect(await client.value('sim.getObject', `/${'*a'.repeat(90)}`, { noError: true })).toBe(-1);
});

test('trees are listed by level, by type, without their root', async () => {
  const client = new RawClient(await served());
  const all = await client.value<number[]>('sim.getObjectsInTree', -12);
  expect(all).toEqual(listed.map(({ handle }) => handle));
  expect(await client.value('sim.getObjectsInTree', 65, 1)).toEqual([]);
  const sawyer = await client.value('sim.getObject', '/Sawyer');
  // sim.sceneobject_joint is 1: the head's, seven of the arm, two of the gripper.
  expect(await client.value<number[]>('sim.getObjectsInTree', sawyer, 1)).toHaveLength(10);
  expect(await client.value<number[]>('sim.getObjectsInTree', sawyer, -2, 1)).not.toContain(sawyer);
  expect(await client.value('sim.getObjectChild', sawyer, 0)).toBe(17);
  expect(await client.value('sim.getObjectChild', sawyer, 99)).toBe(-1);
});

test('the tip follows the arm as the kinematics say, and what hangs on it follows too', async () => {
  const client = new RawClient(await served());
  const kinematics = await createKinematics();
  const angles = [0.3, -1.1, 0.4, 1.6, -0.5, 0.7, 1.2];
  for (let j = 0; j < 7; j++) {
    const joint = await client.value('sim.getObject', `/Sawyer/Sawyer_joint${j + 1}`);
    await client.call('sim.setJointPosition', joint, angles[j]);
  }
  const tip = await client.value<number[]>('sim.getObjectPose', 38);
  const { position, orientation } = kinematics.tipPose(angles);
  [...position, ...orientation].forEach((value, i) => {
    expect(Math.abs((tip[i] as number) - value)).toBeLessThan(1e-9);
  });
  // Joints turn about their own z axes: by -0.4 about the third, the fourth is back where it was as seen from there.
  const third = await client.value('sim.getObject', '/Sawyer_joint3');
  const fourth = await client.value('sim.getObject', '/Sawyer_joint4');
  const before = await client.value<number[]>('sim.getObjectPosition', fourth, third);
  await client.call('sim.setJointPosition', third, 0);
  const after = await client.value<number[]>('sim.getObjectPosition', fourth, third);
  before.forEach((value, i) => {
    expect(Math.abs(value - (after[i] as number))).toBeLessThan(1e-3);
  });
});

test('poses relative to others, the parent, and inverted, are set and read back', async () => {
  const client = new RawClient(await served());
  const dummy = await client.value('sim.createDummy', 0.02);
  const pose = [0.1, -0.2, 0.3, 0.5, -0.5, 0.5, 0.5];
  for (const frame of [-1, 65, 38, 23]) {
    await client.call('sim.setObjectPose', dummy, pose, frame);
    const found = await client.value<number[]>('sim.getObjectPose', dummy, frame);
    pose.forEach((value, i) => {
      expect(Math.abs(value - (found[i] as number))).toBeLessThan(1e-12);
    });
  }
  await client.call('sim.setObjectPosition', dummy, -1, [1, 2, 3]);
  expect(await client.value('sim.getObjectPosition', dummy)).toEqual([1, 2, 3]);
  await client.call('sim.setObjectOrientation', dummy, [0.1, 0.2, 0.3]);
  const euler = await client.value<number[]>('sim.getObjectOrientation', dummy);
  [0.1, 0.2, 0.3].forEach((value, i) => {
    expect(Math.abs(value - (euler[i] as number))).toBeLessThan(1e-12);
  });
  const matrix = await client.value<number[]>('sim.getObjectMatrix', dummy);
  expect(await client.value('sim.getEulerAnglesFromMatrix', matrix)).toEqual(
    euler.map(value => expect.closeTo(value, 12)),
  );
  await client.call('sim.setObjectParent', dummy, 38, true);
  expect(await client.value('sim.getObjectPosition', dummy)).toEqual([1, 2, 3].map(value => expect.closeTo(value, 12)));
  await client.call('sim.removeObjects', [dummy]);
  expect(await client.value('sim.isHandle', dummy)).toBe(false);
});

test('what the physics holds cannot be moved or removed, and says so', async () => {
  const client = new RawClient(await served());
  expect((await client.ask('sim.setObjectPosition', [17, [0, 0, 0]])).err).toContain('held in place');
  expect((await client.ask('sim.removeObjects', [[65]])).err).toContain('part of the embedded scene');
  expect((await client.ask('sim.setObjectParent', [65, 17])).err).toContain('held in place');
  expect((await client.ask('sim.loadScene', ['other.ttt'])).err).toContain('one scene');
});

test('the block can have another size and mass while nothing runs', async () => {
  const client = new RawClient(await served());
  expect(await client.call('sim.getShapeBB', 65)).toEqual([
    [0.05, 0.1, 0.05],
    [0, 0, 0, 0, 0, 0, 1],
  ]);
  expect(await client.value('sim.getShapeMass', 65)).toBe(0.25);
  await client.call('sim.setShapeBB', 65, [0.04, 0.04, 0.1]);
  await client.call('sim.setShapeMass', 65, 0.5);
  expect(await client.value('sim.getShapeMass', 65)).toBe(0.5);
  // sim.objfloatparam_objbbox_max_z is 20.
  expect(await client.value('sim.getObjectFloatParam', 65, 20)).toBe(0.05);
  await client.call('sim.setStepping', true);
  await client.call('sim.startSimulation');
  for (let i = 0; i < 20; i++) await client.call('sim.step');
  // It stands on the table, whose top is at 0.75 m, half of its new height above it.
  const [, , z] = await client.value<[number, number, number]>('sim.getObjectPosition', 65);
  expect(z).toBeCloseTo(0.8, 3);
  expect((await client.ask('sim.setShapeMass', [65, 1])).err).toContain('stop the simulation first');
});
