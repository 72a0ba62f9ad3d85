import { expect, onTestFinished, test } from 'vitest';
import { createMujocoSimulator } from '../../../src/bridge/index.ts';
import { RawClient, served } from './raw-client.ts';

/** sim.jointintparam_dynctrlmode, sim.jointdynctrl_velocity, sim.jointdynctrl_position */
const controlMode = 2039;
const velocityMode = 4;
const positionMode = 8;

async function stepping(client: RawClient): Promise<void> {
  await client.call('sim.setStepping', true);
  await client.call('sim.startSimulation');
}

test('a joint in velocity mode turns at the velocity it is told, and in no other mode', async () => {
  const client = new RawClient(await served());
  await stepping(client);
  // The scene as it is loaded has them in a mode of its own (9), in which the scene's script drives them.
  expect(await client.value('sim.getObjectInt32Param', 17, controlMode)).toBe(9);
  await client.call('sim.setJointTargetVelocity', 17, 0.5);
  for (let i = 0; i < 10; i++) await client.call('sim.step');
  expect(Math.abs(await client.value('sim.getJointPosition', 17))).toBeLessThan(1e-6);
  await client.call('sim.setObjectInt32Param', 17, controlMode, velocityMode);
  for (let i = 0; i < 20; i++) await client.call('sim.step');
  // One second at 0.5 rad/s, less what the start takes.
  expect(await client.value('sim.getJointPosition', 17)).toBeGreaterThan(0.47);
  expect(await client.value('sim.getJointPosition', 17)).toBeLessThan(0.5);
  expect(await client.value('sim.getJointVelocity', 17)).toBeCloseTo(0.5, 2);
  // sim.jointfloatparam_velocity
  expect(await client.value('sim.getObjectFloatParam', 17, 2012)).toBeCloseTo(0.5, 2);
});

test('call by call the arm moves as the embedded simulator does, to the last digit', async () => {
  const client = new RawClient(await served());
  const simulator = await createMujocoSimulator();
  onTestFinished(() => simulator.close());
  // As the original scene is loaded.
  await simulator.reset({
    jointPositions: [0, -Math.PI / 2, 0, 0, 0, 0, 0],
    target: { position: [0.35, 0.025, 0.8], orientation: [0, 0, 0, 1] },
  });
  const joints: number[] = [];
  for (let j = 1; j <= 7; j++) joints.push(await client.value('sim.getObject', `/Sawyer_joint${j}`));
  for (const joint of joints) await client.call('sim.setObjectInt32Param', joint, controlMode, velocityMode);
  await stepping(client);
  for (let i = 0; i < 15; i++) {
    const velocities = joints.map((_, j) => Math.sin(i * 0.3 + j));
    for (const [j, joint] of joints.entries()) await client.call('sim.setJointTargetVelocity', joint, velocities[j]);
    await client.call('sim.step');
    const { jointPositions, tip } = await simulator.step({
      arm: { kind: 'joint_velocity', velocities },
      gripperVelocity: 0,
    });
    for (const [j, joint] of joints.entries())
      expect(await client.value('sim.getJointPosition', joint)).toBe(jointPositions[j]);
    const pose = await client.value<number[]>('sim.getObjectPose', 38);
    expect(pose.slice(0, 3)).toEqual(tip.position.map(value => expect.closeTo(value, 9)));
  }
});

test('a joint in position mode goes where it is told, within its limits', async () => {
  const client = new RawClient(await served());
  await stepping(client);
  await client.call('sim.setObjectInt32Param', 23, controlMode, positionMode);
  await client.call('sim.setJointTargetPosition', 23, -1.2);
  for (let i = 0; i < 60; i++) await client.call('sim.step');
  expect(await client.value('sim.getJointPosition', 23)).toBeCloseTo(-1.2, 3);
  // sim.jointfloatparam_maxvel: half a second at 0.2 rad/s at most.
  await client.call('sim.setObjectFloatParam', 23, 2036, 0.2);
  await client.call('sim.setJointTargetPosition', 23, 0);
  for (let i = 0; i < 10; i++) await client.call('sim.step');
  expect(await client.value('sim.getJointPosition', 23)).toBeGreaterThan(-1.12);
  expect(await client.value('sim.getJointPosition', 23)).toBeLessThan(-1.09);
  await client.call('sim.setJointTargetPosition', 23, 99);
  // The manufacturer's upper limit of the second joint.
  expect(await client.value('sim.getJointTargetPosition', 23)).toBe(2.2736);
  const [cyclic, [lower, range]] = (await client.call('sim.getJointInterval', 23)) as [boolean, [number, number]];
  expect([cyclic, lower, lower + range]).toEqual([false, -3.8095, expect.closeTo(2.2736, 12)]);
});

test('the gripper’s two joints open and close it, each 0 to 4 cm', async () => {
  const client = new RawClient(await served());
  const left = await client.value('sim.getObject', '/BaxterGripper_leftJoint');
  const right = await client.value('sim.getObject', '/BaxterGripper_rightJoint');
  const pads = [
    await client.value('sim.getObject', '/BaxterGripper_leftPad'),
    await client.value('sim.getObject', '/BaxterGripper_righPad'),
  ];
  const gap = async () => {
    const [a, b] = [
      await client.value<number[]>('sim.getObjectPosition', pads[0]),
      await client.value<number[]>('sim.getObjectPosition', pads[1]),
    ];
    return Math.hypot(...a.map((value, i) => value - (b[i] as number)));
  };
  await stepping(client);
  expect(await client.value('sim.getJointPosition', left)).toBeCloseTo(0.04, 9);
  for (const joint of [left, right]) {
    await client.call('sim.setObjectInt32Param', joint, controlMode, velocityMode);
    await client.call('sim.setJointTargetVelocity', joint, -0.1);
  }
  const open = await gap();
  await client.call('sim.step');
  await client.call('sim.step');
  expect(await client.value('sim.getJointVelocity', left)).toBeLessThan(-0.02);
  for (let i = 0; i < 20; i++) await client.call('sim.step');
  expect(await client.value('sim.getJointPosition', left)).toBeLessThan(2e-3);
  expect(await client.value('sim.getJointPosition', right)).toBeLessThan(2e-3);
  expect(open - (await gap())).toBeCloseTo(0.08, 2);
  for (const joint of [left, right]) await client.call('sim.setJointTargetVelocity', joint, 0.1);
  for (let i = 0; i < 20; i++) await client.call('sim.step');
  expect(await client.value('sim.getJointPosition', right)).toBeGreaterThan(0.038);
});

test('contacts: the block on the table bears its weight; nothing is detected where nothing is', async () => {
  const client = new RawClient(await served());
  await stepping(client);
  for (let i = 0; i < 20; i++) await client.call('sim.step');
  const contacts: number[][] = [];
  let force = 0;
  for (let i = 0; ; i++) {
    const contact = await client.call('sim.getContactInfo', -2, -2, i);
    // As CoppeliaSim has it: maps, for Lua's empty tables.
    if (!Array.isArray(contact[0])) {
      expect(contact).toEqual([{}, {}, {}, {}]);
      break;
    }
    const [objects, , [, , z], normal] = contact as [number[], number[], number[], number[]];
    contacts.push(objects);
    force += z as number;
    expect(normal).toEqual([0, 0, 1].map(value => expect.closeTo(value, 6)));
  }
  const table = await client.value('sim.getObject', '/diningTable');
  expect(contacts).toHaveLength(4);
  expect(new Set(contacts.flat())).toEqual(new Set([65, table]));
  // 0.25 kg at 9.81 m/s².
  expect(Math.abs(force)).toBeCloseTo(0.25 * 9.81, 2);
  expect(await client.value('sim.checkCollision', 65, table)).toBe(1);
  expect(await client.value('sim.checkCollision', 65, 38)).toBe(0);
  const sensor = await client.value('sim.getObject', '/BaxterGripper_attachProxSensor');
  expect(await client.value('sim.readProximitySensor', sensor)).toBe(0);
});

test('the proximity sensor sees the block before it, 3 cm off', async () => {
  const client = new RawClient(await served());
  const sensor = await client.value('sim.getObject', '/BaxterGripper_attachProxSensor');
  // The block's half height is 2.5 cm, so its face is 5.5 - 2.5 cm from the sensor.
  await client.call('sim.setObjectPose', 65, [0, 0, 0.055, 0, 0, 0, 1], sensor);
  const [seen, distance, point, handle, normal] = await client.call('sim.readProximitySensor', sensor);
  expect(seen).toBe(1);
  expect(distance).toBeCloseTo(0.03, 6);
  expect(point).toEqual([0, 0, 0.03].map(value => expect.closeTo(value, 6)));
  expect(handle).toBe(65);
  expect(normal).toEqual([0, 0, -1].map(value => expect.closeTo(value, 6)));
});
