import { afterEach, expect, test } from 'vitest';
import {
  laneScript,
  parseGreeting,
  readLaneScript,
  stateLength,
  unpackState,
} from '../../../../src/bridge/coppeliasim/fast-lane/index.ts';
import { config, LuaLane } from './lua-lane.ts';

const [HELLO, STEP, RESET, STATE, RELEASE] = [0, 1, 2, 3, 4];
const BAD_REQUEST = 2;
const velocities = [0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7];
const angles = [0.1, -1.2, 0.3, 1.4, 0.5, 0.6, 0.7];
const target = [0.2, -0.1, 0.775, 0, 0, 0.28, 0.96];

let lane: LuaLane;
afterEach(() => lane?.close());

async function open(options: Parameters<typeof LuaLane.load>[0] = {}): Promise<LuaLane> {
  lane = await LuaLane.load(options);
  lane.init();
  return lane;
}

const read = (reply: number[] | undefined, sequence: number) =>
  unpackState(new Uint8Array(Float64Array.from(reply ?? []).buffer), sequence);

test('the greeting names version, period and every object with its handle', async () => {
  await open();
  lane.send(HELLO, 1);
  lane.simulate();
  const greeting = parseGreeting(new TextEncoder().encode(lane.text()));
  expect(greeting).toMatchObject({ version: 1, period: 0.05, tipGoals: false, missing: [] });
  expect(greeting.objects.get('target')).toEqual({ handle: 31, path: '/target' });
  expect(greeting.objects.size).toBe(16);
  expect(lane.do('return world.bound')).toBe('tcp://127.0.0.1:24001');
});

test('joints are put into velocity mode with the forces of the configuration', async () => {
  await open();
  expect(lane.do("return table.concat(world.objects[sim.getObject('/Sawyer/Sawyer_joint5')].mode, ' ')")).toBe(
    '2039 4',
  );
  expect(lane.do("return world.objects[sim.getObject('/Sawyer/Sawyer_joint5')].jointMode")).toBe(5);
  expect(lane.do("return world.objects[sim.getObject('/Sawyer/Sawyer_joint5')].force")).toBe(9);
  expect(lane.do("return world.objects[sim.getObject('/Sawyer/BaxterGripper_leftJoint')].force")).toBe(50);
});

test('a step moves the joints for one period and answers the state after it', async () => {
  await open();
  lane.send(STEP, 7, ...velocities, -0.1);
  lane.simulate();
  const [reply] = lane.replies();
  expect(reply).toHaveLength(stateLength);
  const state = read(reply, 7);
  velocities.forEach((velocity, i) => {
    expect(state.jointPositions[i]).toBeCloseTo(i / 10 + 0.05 * velocity, 12);
    expect(state.jointVelocities[i]).toBeCloseTo(velocity, 12);
  });
  expect(state.time).toBeCloseTo(0.05, 12);
  // Both fingers close by 0.1 m/s for 50 ms.
  expect(state.gripperOpening).toBeCloseTo(0.07, 12);
  expect(state.tip).toEqual({ position: [0.3, 0.1, 0.9], orientation: [0, 0, 0.6, 0.8] });
  // Turned as the tip, though its own object is not.
  expect(state.gripper).toEqual({ position: [0.31, 0.1, 0.93], orientation: [0, 0, 0.6, 0.8] });
  expect(state.padsCenter[1]).toBeCloseTo(0.1, 12);
  expect(state.targetDetected).toBeUndefined();
});

test('velocities over the limits are scaled as a whole', async () => {
  await open();
  lane.send(STEP, 1, 0.5, 2.656, 0, 0, 0, 0, 0, 0);
  lane.simulate();
  // The second joint's limit is 1.328 rad/s, half of what was asked.
  const { jointVelocities } = read(lane.replies()[0], 1);
  expect([...jointVelocities.subarray(0, 3)]).toEqual([0.25, 1.328, 0]);
});

test('a reset puts arm, fingers and target, resets their dynamics, and the time; nothing advances', async () => {
  await open();
  lane.send(STEP, 1, ...velocities, 0);
  lane.simulate();
  lane.do(`world.contacts = {{sim.getObject('/Sawyer/BaxterGripper_leftPad'), sim.getObject('/target')}}`);
  lane.send(RESET, 2, ...angles, ...target, 0.06);
  lane.send(STATE, 3);
  lane.send(STEP, 4, 0, 0, 0, 0, 0, 0, 0, 0);
  lane.simulate();
  const [, atReset, after, stepped] = lane.replies();
  const state = read(atReset, 2);
  expect([...state.jointPositions]).toEqual(angles);
  expect([...state.jointVelocities]).toEqual(new Array(7).fill(0));
  expect(state).toMatchObject({ time: 0, gripperOpening: 0.06 });
  expect([...state.target.position, ...state.target.orientation]).toEqual(target);
  // Contacts of before the reset are not of the state.
  expect(state.contacts.leftPadTarget).toBe(false);
  expect(read(after, 3)).toEqual(state);
  expect(read(stepped, 4).time).toBeCloseTo(0.05, 12);
  expect(read(stepped, 4).contacts.leftPadTarget).toBe(true);
  const resets = lane.do<number[]>('return world.resets');
  expect(resets).toContain(lane.do("return sim.getObject('/target')"));
  expect(resets).toContain(lane.do("return sim.getObject('/Sawyer/BaxterGripper_leftPad')"));
  expect(resets).toHaveLength(15);
});

test('contacts are told apart by pad and by what it touches, whichever of the pair comes first', async () => {
  await open();
  lane.do(`
    local left, right = sim.getObject('/Sawyer/BaxterGripper_leftPad'), sim.getObject('/Sawyer/BaxterGripper_righPad')
    world.contacts = {{sim.getObject('/target'), left}, {right, sim.getObject('/diningTable')}, {sim.getObject('/target'), sim.getObject('/diningTable')}}`);
  lane.send(STEP, 1, ...velocities, 0);
  lane.simulate();
  expect(read(lane.replies()[0], 1).contacts).toEqual({
    leftPadTarget: true,
    rightPadTarget: false,
    leftPadTable: false,
    rightPadTable: true,
  });
});

test('with a contact force, weaker contacts do not count', async () => {
  await open({ config: { ...config, contactForce: 0.5 } });
  lane.do(`
    local left, right = sim.getObject('/Sawyer/BaxterGripper_leftPad'), sim.getObject('/Sawyer/BaxterGripper_righPad')
    world.contacts = {{sim.getObject('/target'), left, {0, 0.3, 0.3}}, {right, sim.getObject('/target'), {0, -0.6, 0}}}`);
  lane.send(STEP, 1, ...velocities, 0);
  lane.simulate();
  expect(read(lane.replies()[0], 1).contacts).toMatchObject({ leftPadTarget: false, rightPadTarget: true });
});

test('fingers that closed on something go on pressing at velocity 0, and hold still when they reached their width', async () => {
  await open();
  const finger = "world.objects[sim.getObject('/Sawyer/BaxterGripper_leftJoint')]";
  for (let i = 0; i < 3; i++) {
    lane.send(STEP, i, 0, 0, 0, 0, 0, 0, 0, -0.5);
    lane.simulate();
    // Held open by a block of 5 cm.
    for (const side of ['left', 'right'])
      lane.do(`world.objects[sim.getObject('/Sawyer/BaxterGripper_${side}Joint')].position = 0.025`);
  }
  lane.send(STEP, 9, 0, 0, 0, 0, 0, 0, 0, 0);
  lane.simulate();
  expect(lane.do(`return ${finger}.target`)).toBe(-0.1);
  lane.send(RESET, 10, ...angles, ...target, 0.08);
  lane.send(STEP, 11, 0, 0, 0, 0, 0, 0, 0, 0);
  lane.simulate();
  expect(lane.do(`return ${finger}.target`)).toBeCloseTo(0, 12);
});

test.each([
  ['of another length', [STEP, 1, 2]],
  ['of an unknown kind', [9, 1]],
  ['of a tip goal, which the lane does not offer', [5, 1, 0, 0, 0, 0, 0, 0, 1, 0]],
  ['with what is not finite', [STEP, 1, ...velocities.slice(1), Number.NaN, 0]],
  ['with infinity', [RESET, 1, ...angles, ...target, Number.POSITIVE_INFINITY]],
])('a request %s is refused, and the lane goes on waiting', async (_, request) => {
  await open();
  lane.send(...request);
  lane.send(STATE, 5);
  lane.simulate();
  const [refused, state] = lane.replies();
  expect(refused).toEqual([BAD_REQUEST, 0]);
  expect(read(state, 5).time).toBe(0);
});

test.each(['', 'abc', 'x'.repeat(4096)])('bytes that are no doubles are refused (%#)', async text => {
  await open();
  lane.do(`table.insert(world.inbox, ${JSON.stringify(text)})`);
  lane.send(STATE, 5);
  lane.simulate();
  expect(lane.replies()[0]).toEqual([BAD_REQUEST, 0]);
});

test('a pose that is not finite is told as a diverged simulation', async () => {
  await open();
  lane.do("world.objects[sim.getObject('/target')].pose[3] = 0/0");
  lane.send(STEP, 3, ...velocities, 0);
  lane.simulate();
  const [reply] = lane.replies();
  expect(reply).toEqual([1, 3]);
  expect(() => read(reply, 3)).toThrow('diverged');
});

test('without a request the simulation goes on by itself after the idle time, with the arm at rest', async () => {
  await open();
  lane.send(STEP, 1, ...velocities, 0);
  lane.simulate();
  lane.simulate();
  // All waits together last as long as the idle time, and none of them longer than the script looks away.
  expect(lane.do('return world.clock')).toBeGreaterThanOrEqual(5);
  expect(lane.do('return world.clock')).toBeLessThan(5.3);
  expect(Math.max(...lane.do<number[]>('return world.polls'))).toBeLessThanOrEqual(200);
  expect(lane.do("return world.objects[sim.getObject('/Sawyer/Sawyer_joint3')].target")).toBe(0);
  // From then on it does not wait at all …
  const before = lane.do<number>('return world.clock');
  for (let i = 0; i < 20; i++) lane.simulate();
  expect(lane.do<number>('return world.clock') - before).toBeLessThan(0.1);
  // … until the next request, which takes hold again.
  lane.replies();
  lane.send(STATE, 2);
  lane.send(STEP, 3, ...velocities, 0);
  lane.simulate();
  expect(lane.replies().map(reply => reply.slice(0, 2))).toEqual([
    [0, 2],
    [0, 3],
  ]);
});

test('its status tells whether somebody drives it', async () => {
  await open();
  expect(lane.do('return laneStatus()')).toBe('listening');
  lane.send(STEP, 1, ...velocities, 0);
  lane.simulate();
  expect(lane.do('return laneStatus()')).toBe('held 24001');
  lane.send(RELEASE, 2);
  lane.simulate();
  expect(lane.do('return laneStatus()')).toBe('listening');
  lane.send(STEP, 3, ...velocities, 0);
  lane.simulate();
  lane.simulate();
  // Nobody asked for the idle time.
  expect(lane.do('return laneStatus()')).toBe('listening');
});

test('a release answers the state, and the simulation goes on at once', async () => {
  await open();
  lane.send(STEP, 1, ...velocities, 0);
  lane.simulate();
  lane.replies();
  lane.send(RELEASE, 2);
  lane.simulate();
  lane.simulate();
  expect(read(lane.replies()[0], 2).time).toBeCloseTo(0.05, 12);
  expect(lane.do('return world.clock')).toBeLessThan(0.1);
  expect(lane.do("return world.objects[sim.getObject('/Sawyer/Sawyer_joint3')].target")).toBe(0);
});

test('a simulation that is stopped while the script waits is let go of, and its socket closed', async () => {
  await open();
  lane.do('world.onPoll = function() world.stopping = world.clock > 1 end');
  lane.simulate();
  expect(lane.do('return world.clock')).toBeLessThan(1.5);
  lane.do('sysCall_cleanup()');
  expect(lane.do("return world.sockets .. ' ' .. world.contexts")).toBe('0 0');
  // With a linger, closing would wait for replies that nobody fetches.
  expect(lane.do('return world.options[simZMQ.LINGER]')).toBe(0);
  lane.simulate();
});

test('missing objects are named in the greeting, and nothing is driven', async () => {
  await open({ without: ['/target', '/Sawyer/Sawyer_joint3'] });
  lane.send(STEP, 1, ...velocities, 0);
  lane.send(HELLO, 1);
  lane.simulate();
  expect(parseGreeting(new TextEncoder().encode(lane.text())).missing).toEqual(['joint3', 'target']);
  expect(lane.replies()[0]).toEqual([BAD_REQUEST, 1]);
  expect(lane.do("return world.objects[sim.getObject('/Sawyer/Sawyer_joint1')].mode")).toBeFalsy();
});

test('an object that is removed while it runs is told as a refused request, and the lane lives', async () => {
  await open();
  lane.do("world.objects[sim.getObject('/Sawyer/Sawyer_tip')] = nil");
  lane.send(STEP, 1, ...velocities, 0);
  lane.simulate();
  expect(lane.replies()[0]).toEqual([BAD_REQUEST, 1]);
  expect(lane.do('return laneStatus()')).toContain('object does not exist');
  lane.send(HELLO, 1);
  lane.simulate();
  expect(lane.text()).toContain('graspbridge-lane 1');
});

test('a port that is taken is told, and the simulation is not held', async () => {
  lane = await LuaLane.load();
  lane.do('world.bindFails = true');
  lane.init();
  lane.simulate();
  expect(lane.do('return laneStatus()')).toBe('binding tcp://127.0.0.1:24001 failed: Address already in use');
  expect(lane.do('return world.clock + world.sockets + world.contexts')).toBe(0);
});

test('joints that cannot be prepared are told, and the simulation is not held', async () => {
  lane = await LuaLane.load();
  lane.do("sim.setJointTargetForce = function() error('not a joint.') end");
  lane.init();
  lane.simulate();
  expect(lane.do('return laneStatus()')).toContain('not a joint.');
  expect(lane.do('return world.clock')).toBe(0);
});

test('a socket that takes no reply any more is made anew', async () => {
  await open();
  lane.do('world.sendFails = true');
  lane.send(STATE, 1);
  lane.send(STATE, 2);
  lane.simulate();
  expect(lane.replies().map(reply => reply[1])).toEqual([2]);
  expect(lane.do("return world.sockets .. ' ' .. world.contexts")).toBe('1 1');
});

test('a script is recognised by its first line, whatever is in its paths', () => {
  const odd = { ...config, objects: { ...config.objects, target: '/ta"rg\\et\nü]]--' } };
  expect(readLaneScript(laneScript(odd))).toEqual(odd);
  expect(readLaneScript('-- some other script\n')).toBeNull();
  expect(readLaneScript('-- graspbridge fast lane 2 {}\n')).toBeNull();
  expect(readLaneScript('-- graspbridge fast lane 1 {"port": 1}\n')).toBeNull();
});

test('odd characters in a path reach the script as they are', async () => {
  const path = '/ta"rg\\et ü]]--';
  await open({ config: { ...config, objects: { ...config.objects, target: path } }, without: [] });
  lane.send(HELLO, 1);
  lane.simulate();
  expect(lane.text()).toContain('missing target');
  lane.do(
    `world.seen = {} local get = sim.getObject sim.getObject = function(p, o) world.seen[p] = true return get(p, o) end sysCall_init()`,
  );
  expect(lane.do(`return world.seen['/ta"rg\\\\et ü]]--']`)).toBe(true);
});
