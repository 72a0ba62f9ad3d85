import { expect, test } from 'vitest';
import { RawClient, seconds, served } from './raw-client.ts';

const time = (client: RawClient) => client.value('sim.getSimulationTime');
const pause = (milliseconds: number) => new Promise(done => setTimeout(done, milliseconds));

test('with stepping the simulation moves by 50 ms a step and not otherwise', async () => {
  const client = new RawClient(await served());
  expect(await client.value('sim.setStepping', true)).toBe(0);
  expect(await client.value('sim.setStepping', true)).toBe(1);
  await client.call('sim.startSimulation');
  for (let i = 1; i <= 5; i++) {
    await client.call('sim.step');
    expect(await time(client)).toBeCloseTo(0.05 * i, 12);
  }
  expect(client.waits).toBeGreaterThanOrEqual(5);
  await pause(50);
  expect(await time(client)).toBeCloseTo(0.25, 12);
  await client.call('sim.setStepping', false);
  await pause(50);
  expect(await time(client)).toBeCloseTo(0.25, 12);
  await client.call('sim.setStepping', false);
  await expect.poll(() => time(client), { timeout: 5000 }).toBeGreaterThan(0.5);
});

test('two clients that both step: a step is taken when both have asked', async () => {
  const server = await served();
  const [first, second] = [new RawClient(server), new RawClient(server)];
  await first.call('sim.setStepping', true);
  await second.call('sim.setStepping', true);
  await first.call('sim.startSimulation');
  expect((await first.ask('sim.step')).func).toBe('_*wait*_');
  expect((await first.ask('_*executed*_')).func).toBe('_*wait*_');
  expect(await time(second)).toBe(0);
  await second.call('sim.step');
  expect((await first.ask('_*executed*_')).ret).toEqual({});
  expect(await time(second)).toBeCloseTo(0.05, 12);
});

test('a client that held the steps and vanished is released after the timeout that it named', async () => {
  const server = await served();
  const [vanishing, other] = [new RawClient(server, { timeout: 1 }), new RawClient(server)];
  await vanishing.call('sim.setStepping', true);
  await other.call('sim.startSimulation');
  expect(await time(other)).toBe(0);
  const waited = await seconds(() => expect.poll(() => time(other), { timeout: 5000 }).toBeGreaterThan(0));
  expect(waited).toBeLessThan(4);
});

test('a client that leaves lets go at once', async () => {
  const server = await served();
  const [leaving, other] = [new RawClient(server), new RawClient(server)];
  await leaving.call('sim.setStepping', true);
  await other.call('sim.startSimulation');
  expect(await time(other)).toBe(0);
  expect(await leaving.ask('_*end*_')).toEqual({});
  await expect.poll(() => time(other), { timeout: 5000 }).toBeGreaterThan(0);
});

test('a client that waits for steps keeps nobody else waiting', async () => {
  const server = await served();
  const [stuck, other] = [new RawClient(server), new RawClient(server)];
  await stuck.call('sim.setStepping', true);
  await other.call('sim.setStepping', true);
  await stuck.call('sim.startSimulation');
  let waiting = true;
  const step = stuck.call('sim.step').finally(() => {
    waiting = false;
  });
  const taken = await seconds(async () => {
    for (let i = 0; i < 200; i++) await time(other);
  });
  expect(waiting).toBe(true);
  expect(taken).toBeLessThan(4);
  await other.call('sim.stopSimulation');
  expect(await step).toEqual([]);
});

test('whoever asks something else while told to wait has given the wait up', async () => {
  const server = await served();
  const [client, other] = [new RawClient(server), new RawClient(server)];
  await client.call('sim.setStepping', true);
  await other.call('sim.setStepping', true);
  await client.call('sim.startSimulation');
  expect((await client.ask('sim.step')).func).toBe('_*wait*_');
  expect(await client.ask('sim.getSimulationState')).toEqual({ ret: [17] });
  expect(await client.ask('_*executed*_')).toEqual({ ret: {} });
});

test('a step of a paused simulation returns at once, as in CoppeliaSim, and is not taken later', async () => {
  const client = new RawClient(await served());
  await client.call('sim.setStepping', true);
  await client.call('sim.startSimulation');
  await client.call('sim.step');
  await client.call('sim.pauseSimulation');
  expect(await client.call('sim.step')).toEqual([]);
  expect(await client.call('sim.wait', 1)).toEqual([0]);
  expect(await time(client)).toBeCloseTo(0.05, 12);
  await client.call('sim.startSimulation');
  await pause(50);
  expect(await time(client)).toBeCloseTo(0.05, 12);
  await client.call('sim.step');
  expect(await time(client)).toBeCloseTo(0.1, 12);
});

test('a step that waits returns when another client pauses the simulation', async () => {
  const server = await served();
  const [waiting, other] = [new RawClient(server), new RawClient(server)];
  await waiting.call('sim.setStepping', true);
  await other.call('sim.setStepping', true);
  await waiting.call('sim.startSimulation');
  const step = waiting.call('sim.step');
  await other.call('sim.pauseSimulation');
  expect(await step).toEqual([]);
  expect(await time(other)).toBe(0);
});

test('a client that steps takes the steps of the time that it waits for', async () => {
  const client = new RawClient(await served());
  await client.call('sim.setStepping', true);
  await client.call('sim.startSimulation');
  await client.call('sim.wait', 0.25);
  expect(await time(client)).toBeCloseTo(0.25, 12);
  await pause(50);
  expect(await time(client)).toBeCloseTo(0.25, 12);
});

test('pause, resume and stop; stopping puts everything back and ends stepping for all', async () => {
  const server = await served();
  const [client, other] = [new RawClient(server), new RawClient(server)];
  const start = await client.value('sim.getObjectPose', 65);
  await other.call('sim.setStepping', true);
  await client.call('sim.setStepping', true);
  await client.call('sim.setObjectInt32Param', 17, 2039, 4);
  await client.call('sim.startSimulation');
  await client.call('sim.setJointTargetVelocity', 17, 1);
  await other.call('sim.setStepping', false);
  for (let i = 0; i < 10; i++) await client.call('sim.step');
  await client.call('sim.pauseSimulation');
  expect(await client.value('sim.getSimulationState')).toBe(8);
  await client.call('sim.startSimulation');
  expect(await client.value('sim.getSimulationState')).toBe(17);
  expect(await time(client)).toBeCloseTo(0.5, 12);
  expect(await client.value('sim.getJointPosition', 17)).toBeGreaterThan(0.4);
  client.waits = 0;
  await client.call('sim.stopSimulation', true);
  expect(client.waits).toBeGreaterThan(0);
  expect(await client.value('sim.getSimulationState')).toBe(0);
  expect(await time(client)).toBe(0);
  expect(await client.value('sim.getJointPosition', 17)).toBe(0);
  expect(await client.value('sim.getJointTargetVelocity', 17)).toBe(0);
  expect(await client.value('sim.getObjectPose', 65)).toEqual(start);
  expect(await client.value('sim.setStepping', false)).toBe(0);
  // A step while nothing runs is over at once.
  expect(await client.call('sim.step')).toEqual([]);
});

test('free running leaves room for messages; in real time it keeps to the clock', async () => {
  const client = new RawClient(await served());
  await client.call('sim.startSimulation');
  const taken = await seconds(async () => {
    for (let i = 0; i < 100; i++) await time(client);
  });
  expect(taken).toBeLessThan(4);
  expect(await time(client)).toBeGreaterThan(0);
  // sim.boolparam_realtime_simulation is 25.
  await client.call('sim.setBoolParam', 25, true);
  const before = await time(client);
  const wall = await seconds(() => client.call('sim.wait', 0.5));
  expect(wall).toBeGreaterThan(0.3);
  expect(wall).toBeLessThan(4);
  expect((await time(client)) - before).toBeGreaterThanOrEqual(0.45);
});

test('a step that cannot be taken is an error for whoever waits for it; after a stop all is well again', async () => {
  const client = new RawClient(await served());
  await client.call('sim.setStepping', true);
  await client.call('sim.startSimulation');
  // So deep in the floor that what pushes it out is beyond all numbers.
  await client.call('sim.setObjectPosition', 65, [0, 0, -1e160]);
  await expect(client.call('sim.step')).rejects.toThrow(/^354: in sim.step: The simulation diverged/);
  expect(await client.value('sim.getSimulationState')).toBe(8);
  await client.call('sim.stopSimulation', true);
  await client.call('sim.setStepping', true);
  await client.call('sim.startSimulation');
  await client.call('sim.step');
  expect(await time(client)).toBeCloseTo(0.05, 12);
});
