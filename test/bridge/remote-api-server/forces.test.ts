import { expect, test } from 'vitest';
import { RawClient, served } from './raw-client.ts';

/** sim.jointintparam_dynctrlmode, sim.jointdynctrl_velocity */
const controlMode = 2039;
const velocityMode = 4;

test('the force of a joint is the load on its motor', async () => {
  const client = new RawClient(await served());
  await client.call('sim.setObjectInt32Param', 17, controlMode, velocityMode);
  await client.call('sim.setStepping', true);
  await client.call('sim.startSimulation');
  for (let i = 0; i < 5; i++) await client.call('sim.step');
  // The arm's weight is carried for it.
  expect(Math.abs(await client.value('sim.getJointForce', 17))).toBeLessThan(0.01);
  await client.call('sim.setJointTargetVelocity', 17, 0.5);
  await client.call('sim.step');
  // The motor turns the arm forward, and the arm's inertia pulls it back.
  expect(await client.value('sim.getJointForce', 17)).toBeLessThan(-0.1);
  await client.call('sim.stopSimulation');
  expect(await client.value('sim.getJointForce', 17)).toBe(0);
});

test('the force sensors of the pads feel the grip on the block, with opposite forces', async () => {
  const client = new RawClient(await served());
  const find = (name: string) => client.value('sim.getObject', `/${name}`);
  const sensors = [
    await find('BaxterGripper_leftFingerPad_connection'),
    await find('BaxterGripper_rightFingerPad_connection'),
  ];
  // A block of 5 cm between the pads.
  const tip = await find('Sawyer_tip');
  await client.call('sim.setShapeBB', 65, [0.05, 0.05, 0.05]);
  await client.call('sim.setObjectPose', 65, [0, 0, 0.103, 0, 0, 0, 1], tip);
  for (const side of ['left', 'right']) {
    const joint = await find(`BaxterGripper_${side}Joint`);
    await client.call('sim.setObjectInt32Param', joint, controlMode, velocityMode);
    await client.call('sim.setJointTargetVelocity', joint, -0.1);
    await client.call('sim.setJointPosition', joint, 0.026);
  }
  await client.call('sim.setStepping', true);
  await client.call('sim.startSimulation');
  for (let i = 0; i < 10; i++) await client.call('sim.step');
  const force = async (sensor: number | undefined) => {
    const [read, forces] = (await client.call('sim.readForceSensor', sensor)) as [number, number[]];
    expect(read).toBe(1);
    return Math.hypot(...forces);
  };
  // The gripper presses with at most 30 N; the rest of a pad's load is the block's weight.
  for (const sensor of sensors) expect(await force(sensor)).toBeGreaterThan(5);
  // At the wrist the grip cancels, and the block's weight is left: 0.25 kg at 9.81 m/s².
  expect(await force(await find('Sawyer_wrist_connector'))).toBeCloseTo(0.25 * 9.81, 0);
});

test('the distance of two objects, its nearest points, and none beyond a threshold', async () => {
  const client = new RawClient(await served());
  const table = await client.value('sim.getObject', '/diningTable');
  // The block's lower face is 5 cm above the table's top at 0.75 m.
  await client.call('sim.setObjectPosition', 65, [0.35, 0.025, 0.825]);
  const [result, data, handles] = (await client.call('sim.checkDistance', 65, table)) as [number, number[], number[]];
  expect([result, handles]).toEqual([1, [65, table]]);
  expect(data[6]).toBeCloseTo(0.05, 6);
  expect([data[2], data[5]]).toEqual([expect.closeTo(0.8, 6), expect.closeTo(0.75, 6)]);
  expect(await client.value('sim.checkDistance', table, 65, 0.06)).toBe(1);
  expect(await client.call('sim.checkDistance', 65, table, 0.04)).toEqual([0, [0, 0, 0, 0, 0, 0, 0], [-1, -1]]);
  // The nearest of all: the table.
  expect((await client.call('sim.checkDistance', 65, -2))[2]).toEqual([65, table]);
  const dummy = await client.value('sim.createDummy', 0.01);
  expect((await client.ask('sim.checkDistance', [65, dummy])).err).toContain('takes no part in the physics');
});
