import { expect, test } from 'vitest';
import { RawClient, served } from './raw-client.ts';

const embedded = 'is not served by the embedded server (graspbridge simulator serve)';

test('a function that is not served says so, whether CoppeliaSim has it, and which one was meant', async () => {
  const client = new RawClient(await served());
  const answer = async (name: string) => (await client.ask(name)).err;
  for (const name of [
    'sim.loadModel',
    'sim.createPureShape',
    'sim.moveToPose',
    'sim.getVisionSensorImg',
    'sim.saveScene',
  ])
    expect(await answer(name)).toBe(`No such function: ${name}. ${name} ${embedded}; CoppeliaSim 4.10 has it.`);
  expect(await answer('sim.getJointPositon')).toBe(
    `No such function: sim.getJointPositon. sim.getJointPositon ${embedded}, and CoppeliaSim 4.10 has no function of that name. Did you mean "sim.getJointPosition"?`,
  );
  expect(await answer('sim.executeScriptString')).toContain('CoppeliaSim 4.10 has no function of that name');
});

test('objects are found by names of before paths, and by unique numbers', async () => {
  const client = new RawClient(await served());
  for (const name of ['target', 'target#', 'target#0', '/target'])
    expect(await client.value('sim.getObjectHandle', name), name).toBe(65);
  expect(await client.value('simGetObjectHandle', 'target')).toBe(65);
  expect((await client.ask('sim.getObjectHandle', ['target#1'])).err).toMatch(/^1272: .*object does not exist/);
  const uid = await client.value('sim.getObjectUid', 65);
  expect(await client.value('sim.getObjectFromUid', uid)).toBe(65);
  expect((await client.ask('sim.getObjectFromUid', [123])).err).toBe(
    '1261: in sim.getObjectFromUid: object does not exist.',
  );
});

// Each answer is that of CoppeliaSim 4.10 to the same call, about objects of another scene.
test.each([
  ['sim.getScript', [1, 65], [-1]],
  ['sim.getScript', [8], [-1]],
  ['sim.getObjectAlias', [23, 0], ['Sawyer_joint2']],
  ['sim.getObjectAlias', [23, 3], ['Sawyer_joint2']],
  ['sim.getObjectAlias', [23, 4], ['Sawyer_joint2__23__']],
  ['sim.getObjectAlias', [23, 5], ['/Sawyer/Sawyer_joint2']],
  ['sim.getJointDependency', [23], [-1, 0, 1]],
  ['sim.getJointForce', [23], [0]],
  ['sim.getJointForce', [65], [0]],
  ['sim.setJointPosition', [23, 0.1], [1]],
  ['sim.setJointTargetForce', [23, 20], []],
  ['sim.getContactInfo', [-2, 38, 500], [{}, {}, {}, {}]],
  ['sim.checkCollision', [65, 38], [0, [-1, -1]]],
  ['sim.readForceSensor', [37], [0, [0, 0, 0], [0, 0, 0]]],
  ['sim.readCustomDataBlock', [65, 'x'], ['']],
  ['sim.getObjectSelection', [], [{}]],
  ['sim.getInt32Param', [26], [8]],
  ['sim.setInt32Param', [26, 8], [1]],
  ['sim.getRealTimeSimulation', [], [false]],
])('%s %j answers %j', async (name, args, answer) => {
  const client = new RawClient(await served());
  expect(await client.call(name, ...args)).toEqual(answer);
});

test.each([
  ['sim.getObjectsInTree', [-1], '354: in sim.getObjectsInTree: object does not exist.'],
  ['sim.createDummy', [], '354: in sim.createDummy: the function requires more arguments.'],
  ['sim.callScriptFunction', ['f', 12345], '354: in sim.callScriptFunction: script does not exist.'],
  ['sim.callScriptFunction', ['f', '/block'], '354: in sim.callScriptFunction: argument 2 is not a number.'],
  ['sim.readForceSensor', [65], '354: in sim.readForceSensor: object is not a force sensor.'],
])('%s %j answers the error %j', async (name, args, error) => {
  const client = new RawClient(await served());
  expect(await client.ask(name, args)).toEqual({ err: error });
});

test('data of an object comes back as it was written', async () => {
  const client = new RawClient(await served());
  await client.call('sim.writeCustomDataBlock', 65, 'x', 'abc');
  expect(await client.value('sim.readCustomDataBlock', 65, 'x')).toBe('abc');
  expect(await client.value('sim.readCustomStringData', 65, 'x')).toBe('abc');
  await client.call('sim.writeCustomBufferData', 65, 'x', new Uint8Array([1, 255]));
  expect(await client.value('sim.readCustomBufferData', 65, 'x')).toEqual(new Uint8Array([1, 255]));
});

test('the idle rate is kept for whoever reads it; other integer parameters stay what they are', async () => {
  const client = new RawClient(await served());
  expect(await client.value('sim.setInt32Param', 26, 0)).toBe(1);
  expect(await client.value('sim.getInt32Param', 26)).toBe(0);
  expect((await client.ask('sim.setInt32Param', [26, -1])).err).toContain('invalid value');
  expect((await client.ask('sim.setInt32Param', [8, 0])).err).toContain('the embedded simulator has 4 there');
});

test('angles as yaw, pitch and roll are turned into CoppeliaSim’s and back', async () => {
  const client = new RawClient(await served());
  const close = (numbers: number[]) => numbers.map(value => expect.closeTo(value, 5));
  // CoppeliaSim 4.10's own answers.
  expect(await client.call('sim.yawPitchRollToAlphaBetaGamma', 0.1, 0.2, 0.3)).toEqual(
    close([0.285772, 0.220124, 0.03788]),
  );
  expect(await client.call('sim.alphaBetaGammaToYawPitchRoll', 0.1, 0.2, 0.3)).toEqual(
    close([0.32261, 0.160027, 0.15642]),
  );
});
