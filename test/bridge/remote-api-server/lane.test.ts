import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Request } from 'zeromq';
import {
  type LaneConfig,
  laneScript,
  packHello,
  packRequest,
  parseGreeting,
  replyStatus,
  toDoubles,
  unpackState,
} from '../../../src/bridge/coppeliasim/fast-lane/index.ts';
import { freePort } from '../../../src/bridge/coppeliasim/install-lane.ts';
import { batchScript } from '../../../src/bridge/coppeliasim/remote-api/index.ts';
import { createMujocoSimulator } from '../../../src/bridge/index.ts';
import { RawClient, seconds, served } from './raw-client.ts';

const seven = (value: number) => Array.from({ length: 7 }, () => value);

function config(port: number, idleSeconds = 5): LaneConfig {
  return {
    port,
    idleSeconds,
    objects: {
      arm: '/Sawyer',
      joints: Array.from({ length: 7 }, (_, i) => `/Sawyer/Sawyer_joint${i + 1}`),
      tip: '/Sawyer/Sawyer_tip',
      gripper: '/Sawyer/BaxterGripper',
      leftFingerJoint: '/BaxterGripper_leftJoint',
      rightFingerJoint: '/BaxterGripper_rightJoint',
      leftPad: '/BaxterGripper_leftPad',
      rightPad: '/BaxterGripper_righPad',
      target: '/target',
      table: '/noSuchTable',
    },
    maximumForces: seven(80),
    maximumVelocities: seven(2),
    gripper: { sign: 1, force: 50, maximumOpening: 0.08 },
    contactForce: 0.5,
  };
}

/** One socket to a lane. */
function laneClient(port: number) {
  const { socket, ask } = laneSocket(port, 5);
  onTestFinished(() => socket.close());
  return ask;
}

/** Says hello to a lane that is gone. Closed at once, or it would still say so to the one that comes back. */
async function helloInVain(port: number): Promise<void> {
  const { socket, ask } = laneSocket(port, 0.3);
  await expect(ask(packHello())).rejects.toThrow();
  socket.close();
}

function laneSocket(port: number, receiveTimeout: number) {
  const socket = new Request({ linger: 0, receiveTimeout: 1000 * receiveTimeout });
  socket.connect(`tcp://127.0.0.1:${port}`);
  const ask = async (bytes: Uint8Array) => {
    await socket.send(bytes);
    const [reply] = await socket.receive();
    return reply as Buffer;
  };
  return { socket, ask };
}

async function withLane(idleSeconds = 5) {
  const server = await served();
  const client = new RawClient(server);
  const port = await freePort();
  const script = await client.value('sim.createScript', 1, laneScript(config(port, idleSeconds)), 0, 'lua');
  await client.call('sim.startSimulation');
  return { server, client, port, script, lane: laneClient(port) };
}

const reset = {
  kind: 'reset',
  sequence: 1,
  jointPositions: [-0.295, -1.005, 0, 1.882, 0, 0.69, 1.3],
  target: { position: [0.3, 0.1, 0.8], orientation: [0, 0, 0.6, 0.8] },
  gripperOpening: 0.06,
} as const;

const step = (sequence: number, value = 0.3) =>
  packRequest({ kind: 'step', sequence, velocities: seven(value), gripperVelocity: -0.1 });

test('it greets with its version, period, and the objects found and missing', async () => {
  const { lane } = await withLane();
  const greeting = parseGreeting(await lane(packHello()));
  expect(greeting).toMatchObject({ version: 1, period: 0.05, tipGoals: true, missing: ['table'] });
  expect(greeting.objects.get('joint2')).toEqual({
    handle: 23,
    path: '/Sawyer/Sawyer_joint1/Sawyer_link1/Sawyer_joint2',
  });
});

test('its states are those of the embedded simulator, bit for bit, by velocities and by tip goals', async () => {
  const { lane } = await withLane();
  const simulator = await createMujocoSimulator();
  onTestFinished(() => simulator.close());
  expect(unpackState(await lane(packRequest(reset)), 1)).toEqual(await simulator.reset(reset));
  const { tip } = await simulator.state();
  const goal = { ...tip, position: [0.3, 0.05, 0.9] as const };
  for (let i = 2; i < 60; i++) {
    const velocities = Array.from({ length: 7 }, (_, j) => Math.sin(i * 0.3 + j));
    const gripperVelocity = i % 20 < 10 ? -0.1 : 0.1;
    const [packed, arm] =
      i % 2 === 0
        ? [
            packRequest({ kind: 'step', sequence: i, velocities, gripperVelocity }),
            { kind: 'joint_velocity', velocities } as const,
          ]
        : [
            packRequest({ kind: 'stepToGoal', sequence: i, goal, gripperVelocity }),
            { kind: 'tip_goal', goal } as const,
          ];
    expect(unpackState(await lane(packed), i)).toEqual(await simulator.step({ arm, gripperVelocity }));
  }
  expect(unpackState(await lane(packRequest({ kind: 'state', sequence: 99 })), 99)).toEqual(await simulator.state());
});

test('attached it holds the simulation; released it lets it run, the arm at rest', async () => {
  const { client, lane } = await withLane();
  await lane(packRequest(reset));
  const time = () => client.value('sim.getSimulationTime');
  const before = await time();
  await lane(step(2));
  expect((await time()) - before).toBeCloseTo(0.05, 9);
  await lane(packRequest({ kind: 'release', sequence: 3 }));
  await expect.poll(time, { timeout: 5000 }).toBeGreaterThan(before + 1);
  const { jointVelocities } = unpackState(await lane(packRequest({ kind: 'state', sequence: 4 })), 4);
  for (const velocity of jointVelocities) expect(Math.abs(velocity)).toBeLessThan(1e-3);
});

test('a client that is silent for longer than the idle bound holds nothing any more, and can come back', async () => {
  const { client, lane } = await withLane(1);
  await lane(step(1));
  const time = () => client.value('sim.getSimulationTime');
  const before = await time();
  expect(await seconds(() => expect.poll(time, { timeout: 5000 }).toBeGreaterThan(before))).toBeLessThan(4);
  unpackState(await lane(step(2)), 2);
  const held = await time();
  await new Promise(done => setTimeout(done, 50));
  expect(await time()).toBe(held);
});

test('a step waits while another client holds the simulation', async () => {
  const { server, lane } = await withLane();
  const holder = new RawClient(server);
  await holder.call('sim.setStepping', true);
  let stepped = false;
  const reply = lane(step(1)).then(bytes => {
    stepped = true;
    return bytes;
  });
  await holder.call('sim.getSimulationTime');
  expect(stepped).toBe(false);
  await holder.call('sim.step');
  unpackState(await reply, 1);
});

test('it is gone when the simulation stops, and back when it starts again', async () => {
  const { client, port, script } = await withLane();
  await client.call('sim.stopSimulation', true);
  await helloInVain(port);
  await client.call('sim.startSimulation');
  parseGreeting(await laneClient(port)(packHello()));
  // At once: the system must have the port back.
  for (let i = 0; i < 20; i++) {
    await client.call('sim.stopSimulation');
    await client.call('sim.startSimulation');
    expect(await client.value('sim.callScriptFunction', 'laneStatus', script)).toBe('listening');
  }
  parseGreeting(await laneClient(port)(packHello()));
  await client.call('sim.removeObjects', [script]);
  await helloInVain(port);
});

test('what it does not understand is refused; a pose that diverges is said to have diverged', async () => {
  const { lane } = await withLane();
  const refused = async (bytes: Uint8Array) => [...toDoubles(await lane(bytes))];
  const doubles = (...numbers: number[]) => new Uint8Array(Float64Array.from(numbers).buffer);
  expect(await refused(doubles(77, 5))).toEqual([replyStatus.badRequest, 5]);
  expect(await refused(doubles(1, 6, 0.1))).toEqual([replyStatus.badRequest, 6]);
  expect(await refused(Buffer.from('hello'))).toEqual([replyStatus.badRequest, 0]);
  expect(await refused(Buffer.alloc(0))).toEqual([replyStatus.badRequest, 0]);
  expect(await refused(step(7, Number.NaN))).toEqual([replyStatus.badRequest, 7]);
  expect(await refused(packRequest({ ...reset, gripperOpening: 3, sequence: 8 }))).toEqual([replyStatus.badRequest, 8]);
  // So deep in the floor that what pushes it out is beyond all numbers.
  const far = { position: [0, 0, -1e160], orientation: [0, 0, 0, 1] } as const;
  await lane(packRequest({ ...reset, target: far, sequence: 9 }));
  expect(await refused(step(10))).toEqual([replyStatus.diverged, 10]);
  unpackState(await lane(packRequest({ ...reset, sequence: 11 })), 11);
  unpackState(await lane(step(12)), 12);
});

test('a port that is taken does not keep the simulation from starting; the script tells what is the matter', async () => {
  const taken = createServer();
  await new Promise<void>(done => taken.listen(0, '127.0.0.1', done));
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as { port: number };
  const client = new RawClient(await served());
  const script = await client.value('sim.createScript', 1, laneScript(config(port)), 0, 'lua');
  expect(await client.value('sim.callScriptFunction', 'laneStatus', script)).toBe('not started');
  await client.call('sim.startSimulation');
  expect(await client.value('sim.callScriptFunction', 'laneStatus', script)).toContain(`port ${port}`);
});

test('the batch script is answered natively, an error for each call that fails; other scripts are refused', async () => {
  const client = new RawClient(await served());
  const script = await client.value('sim.createScript', 6, batchScript(), 0, 'lua');
  await client.call('sim.initScript', script);
  const results = await client.value('sim.callScriptFunction', 'batch', script, [
    ['sim.getObject', 1, ['/target']],
    ['sim.noSuchFunction', 0, []],
    ['sim.getObjectPosition', 1, [12_345]],
    ['sim.setInt32Signal', 2, ['a', 5]],
    ['sim.getInt32Signal', 1, ['a']],
    ['sim.getInt32Signal', 1, ['b']],
    ['sim.wait', 1, [1]],
    'nonsense',
  ]);
  expect(results).toEqual([
    [true, 1, 65],
    [false, expect.stringMatching(/^No such function: sim\.noSuchFunction\. /)],
    [false, '354: in sim.getObjectPosition: object does not exist.'],
    [true, 1, 1],
    [true, 1, 5],
    [true, 0],
    [false, expect.stringContaining('cannot be called from within another call')],
    [false, expect.stringContaining('no name')],
  ]);
  const { err } = await client.ask('sim.createScript', [6, 'print(1)', 0, 'lua']);
  expect(err).toContain('this server runs no Lua');
});
