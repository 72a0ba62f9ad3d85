import { expect, test } from 'vitest';
import { RawClient, served } from './raw-client.ts';

const scene = -12;
const app = -13;

// Names, types and, where the scene does not matter, values of CoppeliaSim 4.10.
test.each([
  [65, 'String', 'alias', 'target'],
  [65, 'Float', 'mass', 0.25],
  [65, 'Bool', 'dynamic', true],
  [65, 'Bool', 'respondable', true],
  [65, 'Pose', 'pose', [0.35, 0.025, 0.8, 0, 0, 0, 1]],
  [65, 'Int', 'layer', 1],
  [65, 'Bool', 'visible', true],
  [65, 'Bool', 'selected', false],
  [65, 'String', 'objectType', 'shape'],
  [65, 'Float', 'bullet.friction', 0.5],
  [23, 'Float', 'jointPosition', -Math.PI / 2],
  [23, 'FloatArray', 'interval', [-3.8095, 2.2736]],
  [23, 'Bool', 'cyclic', false],
  [23, 'Int', 'dynCtrlMode', 9],
  [scene, 'Float', 'dynamicsStepSize', 0.005],
  [scene, 'Vector3', 'gravity', [0, 0, -9.81]],
  [scene, 'Int', 'simulationState', 0],
  [app, 'String', 'productVersion', '4.10.0.0'],
  [app, 'Int', 'productVersionNb', 4_100_000],
  [app, 'Int', 'idleFps', 8],
])('%i has the %s property %s', async (handle, type, name, value) => {
  const client = new RawClient(await served());
  expect(await client.value('sim.getProperty', handle, name)).toEqual(value);
  expect(await client.value(`sim.get${type}Property`, handle, name)).toEqual(value);
  const [number] = await client.call('sim.getPropertyInfo', handle, name);
  const constant = await client.value('zmqRemoteApi.info', `sim.propertytype_${type.toLowerCase()}`);
  expect(number).toBe(constant);
  expect(await client.value('sim.getProperties', handle)).toHaveProperty([name], value);
  const other = type === 'Float' ? 'Int' : 'Float';
  expect((await client.ask(`sim.get${other}Property`, [handle, name])).err).toContain('property type mismatch.');
});

test.each([
  [65, 'position'],
  [65, 'quaternion'],
  [65, 'name'],
  [65, 'handle'],
  [23, 'targetVelocity'],
  [scene, 'dt'],
  [65, 'customData.none'],
  [65, '__proto__'],
])('%i has no property %s', async (handle, name) => {
  const client = new RawClient(await served());
  for (const call of ['sim.getProperty', 'sim.getFloatProperty', 'sim.removeProperty'])
    expect((await client.ask(call, [handle, name])).err, call).toContain(`no such property: ${name}`);
  expect(await client.call('sim.getProperty', handle, name, { noError: true })).toEqual([null]);
  expect(await client.call('sim.getPropertyInfo', handle, name)).toEqual([]);
  if (!name.startsWith('customData'))
    expect((await client.ask('sim.setProperty', [handle, name, 1])).err).toContain(`no such property: ${name}`);
});

test('properties that are set change the object, and read back', async () => {
  const client = new RawClient(await served());
  await client.call('sim.setProperty', 65, 'mass', 0.3);
  expect(await client.value('sim.getShapeMass', 65)).toBe(0.3);
  await client.call('sim.setPoseProperty', 65, 'pose', [0.3, 0.1, 0.9, 0, 0, 0, 1]);
  expect(await client.value('sim.getObjectPosition', 65)).toEqual([0.3, 0.1, 0.9]);
  await client.call('sim.setFloatProperty', 23, 'jointPosition', -1);
  expect(await client.value('sim.getJointPosition', 23)).toBe(-1);
  await client.call('sim.setFloatProperty', 23, 'targetForce', 12);
  expect(await client.value('sim.getJointTargetForce', 23)).toBe(12);
  await client.call('sim.setIntProperty', 23, 'dynCtrlMode', 4);
  expect(await client.value('sim.getObjectInt32Param', 23, 2039)).toBe(4);
  await client.call('sim.setProperty', 65, 'bullet.friction', 0.7);
  expect(await client.value('sim.getProperty', 65, 'bullet.friction')).toBe(0.7);
  await client.call('sim.setProperty', 65, 'layer', 0);
  expect(await client.value('sim.getProperty', 65, 'visible')).toBe(false);
  const dummy = await client.value('sim.createDummy', 0.01);
  await client.call('sim.setProperty', dummy, 'alias', 'mark');
  expect(await client.value('sim.getObject', '/mark')).toBe(dummy);
});

test('properties that cannot be set so are refused', async () => {
  const client = new RawClient(await served());
  const error = async (...args: unknown[]) => (await client.ask('sim.setProperty', args)).err;
  expect(await error(65, 'mass', 'x')).toContain('argument 3 is not a number.');
  expect(await error(65, 'mass', -1)).toContain('invalid mass');
  expect(await error(65, 'objectType', 'joint')).toContain('cannot be changed');
  expect(await error(23, 'interval', [0, 1])).toContain('cannot be changed');
  expect(await error(65, 'pose', [1, 2])).toContain('incorrect table size.');
  expect((await client.ask('sim.setIntProperty', [65, 'mass', 1])).err).toContain('property type mismatch.');
  expect((await client.ask('sim.getProperty', [999_999, 'alias'])).err).toContain('does not exist');
});

// Each has a setter that calls another function of the API.
test.each([
  ['sim.setProperty', [65, 'mass', -1]],
  ['sim.setFloatProperty', [65, 'mass', -1]],
  ['sim.setProperty', [65, 'alias', '']],
  ['sim.setObjectFloatParam', [65, 3005, -1]],
] as const)('an error of %s %j names that function, once', async (name, args) => {
  const { err } = await new RawClient(await served()).ask(name, [...args]);
  expect(err).toMatch(new RegExp(`^354: in ${name}: `));
  expect(err).not.toMatch(/354.*354/);
});

test('clients keep data of any type, whose type stays', async () => {
  const client = new RawClient(await served());
  await client.call('sim.setProperty', 65, 'customData.x', 5);
  expect(await client.value('sim.getProperty', 65, 'customData.x')).toBe(5);
  expect(await client.value('sim.getIntProperty', 65, 'customData.x')).toBe(5);
  await client.call('sim.setVector3Property', scene, 'signal.goal', [1, 2, 3]);
  expect(await client.value('sim.getProperty', scene, 'signal.goal')).toEqual([1, 2, 3]);
  expect((await client.ask('sim.getFloatProperty', [scene, 'signal.goal'])).err).toContain('property type mismatch.');
  await client.call('sim.removeProperty', 65, 'customData.x');
  expect((await client.ask('sim.getProperty', [65, 'customData.x'])).err).toContain('no such property');
});
