import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type BatchCall,
  connectRemoteApi,
  type RemoteApiClient,
  RemoteApiError,
  type Sim,
} from '../../../../src/bridge/coppeliasim/remote-api/index.ts';
import { type RemoteApiServer, serveRemoteApi } from '../../../../src/bridge/remote-api-server/index.ts';

let server: RemoteApiServer;
let client: RemoteApiClient;
let sim: Sim;

beforeAll(async () => {
  server = await serveRemoteApi({ port: 0 });
  client = await connectRemoteApi({ address: server.address });
  sim = await client.require('sim');
});

afterAll(async () => {
  await client.close();
  await server.close();
});

test('objects, constants and errors', async () => {
  const joint = await sim.getObject('/Sawyer/Sawyer_joint2');
  expect(await sim.getObjectAlias(joint, 1)).toBe('/Sawyer/Sawyer_joint2');
  expect(await sim.getObjectType(joint)).toBe(sim.sceneobject_joint);
  expect(await client.constant('sim.sceneobject_joint')).toBe(sim.sceneobject_joint);
  expect(await sim.getObject('/NoSuchThing', { noError: true })).toBe(-1);
  // The recording's code, function and words of the same mistake.
  const error: unknown = await sim.getObjectPosition(1_000_000).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RemoteApiError);
  expect(error).toMatchObject({ code: 354, functionName: 'sim.getObjectPosition', reason: 'object does not exist.' });
  await expect(client.call('sim.noSuchFunction')).rejects.toThrow(/No such function/);
});

test('a step advances the simulation by one step, and without the scope it runs by itself', async () => {
  const joint = await sim.getObject('/Sawyer/Sawyer_joint1');
  await client.stepping(async ({ step }) => {
    await sim.startSimulation();
    await sim.setObjectInt32Param(joint, sim.jointintparam_dynctrlmode, sim.jointdynctrl_velocity);
    await sim.setJointTargetVelocity(joint, 0.1);
    const before = await sim.getSimulationTime();
    const angle = await sim.getJointPosition(joint);
    for (let i = 0; i < 5; i++) await step();
    expect((await sim.getSimulationTime()) - before).toBeCloseTo(5 * (await sim.getSimulationTimeStep()), 9);
    // 0.1 rad/s for five steps of 0.05 s.
    expect((await sim.getJointPosition(joint)) - angle).toBeCloseTo(0.025, 2);
    expect(await sim.getSimulationTime()).toBe(await sim.getSimulationTime());
  });
  const held = await sim.getSimulationTime();
  await expect.poll(() => sim.getSimulationTime(), { timeout: 10_000 }).toBeGreaterThan(held);
  await sim.stopSimulation(true);
  await expect.poll(() => sim.getSimulationState(), { timeout: 10_000 }).toBe(sim.simulation_stopped);
});

test('the simulator calls back, and is called meanwhile', async () => {
  const target = await sim.getObject('/target');
  const seen: unknown[] = [];
  const result = await sim.testCB(
    20,
    async (a, b) => {
      seen.push(await sim.getObjectAlias(target));
      return Number(a) + Number(b);
    },
    22,
    2,
  );
  expect(result).toBe(42);
  expect(seen).toEqual(['target', 'target', 'target']);
});

test('a batch gives what the same calls give one by one, errors too', async () => {
  const target = await sim.getObject('/target');
  const calls: BatchCall[] = [
    ['sim.getObjectPose', target],
    ['sim.getObjectPosition', target, -1],
    ['sim.getObjectAlias', target, 1],
    ['sim.getObjectPosition', 1_000_000],
    ['sim.noSuchFunction'],
    ['sim.setObjectAlias', target, 'target'],
    ['sim.getInt32Signal', 'not there'],
    ['sim.packDoubleTable', [1.5, 2.5]],
  ];
  const together = await client.batch(calls);
  for (const [i, [name, ...args]] of calls.entries()) {
    const alone = await client.call(name, args).then(
      values => ({ ok: true, values }),
      (error: RemoteApiError) => ({ ok: false, error: expect.objectContaining({ reason: error.reason }) }),
    );
    expect(together[i], name).toEqual(alone);
  }
});
