import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createCoppeliaSimSimulator } from '../../../src/bridge/index.ts';
import { type Env, makeEnv, type StepResult } from '../../../src/envs/index.ts';
import { ScriptedPeer } from './scripted-peer.ts';
import { Served } from './served.ts';

/** Short times, so that what must be waited for is waited for briefly. */
const quick = { stepTimeout: 1, connectTimeout: 2, idleSeconds: 1, backOff: 0.1, attempts: 8 };

let served: Served;
beforeAll(async () => {
  served = await Served.start();
}, 30_000);
afterAll(() => served?.kill());

let env: Env;
afterEach(() => env?.close());

async function openEnv(address: string, options: Record<string, unknown> = {}): Promise<Env> {
  const simulatorOptions = { address, ...quick, ...options };
  env = await makeEnv('SawyerReach-v1', {}, { simulator: 'coppeliasim', simulatorOptions });
  return env;
}

const still = Float32Array.of(0, 0, 0);

/** Plays on for two episodes' beginnings: what was lost has been had again. */
async function goesOn(): Promise<void> {
  for (let episode = 0; episode < 2; episode++) {
    await env.reset({ seed: episode });
    for (let i = 0; i < 3; i++) {
      const { info, observation } = await env.step(still);
      expect(info.simulatorLost).toBeUndefined();
      expect((observation as Float32Array).every(Number.isFinite)).toBe(true);
    }
  }
}

async function timed<T>(action: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const before = performance.now();
  const result = await action();
  return { result, seconds: (performance.now() - before) / 1000 };
}

/** The episode is cut with the last good observation, and says why. */
function expectLost(step: StepResult, before: StepResult, why: RegExp): void {
  expect(step).toMatchObject({ truncated: true, terminated: false, reward: 0, info: { success: false } });
  expect(step.info.simulatorLost).toMatch(why);
  expect(step.observation).toEqual(before.observation);
}

test('a simulator that dies in the middle of a step: lost within 2 s, had again once it runs', async () => {
  await openEnv(served.address);
  await env.reset({ seed: 1 });
  const before = await env.step(still);
  served.freeze();
  const stepping = timed(() => env.step(still));
  await served.kill();
  const { result, seconds } = await stepping;
  expectLost(result, before, /broke off/);
  expect(seconds).toBeLessThan(2);
  await served.launch();
  await goesOn();
}, 30_000);

test('one that freezes for 30 s: lost after the step time of 1 s; had again once it thaws', async () => {
  await openEnv(served.address);
  await env.reset({ seed: 1 });
  const before = await env.step(still);
  served.freeze();
  const { result, seconds } = await timed(() => env.step(still));
  expectLost(result, before, /no reply came within 1 s/);
  expect(seconds).toBeGreaterThan(0.9);
  expect(seconds).toBeLessThan(3);
  // Not 30 s here: it is frozen for as long as nobody thaws it.
  setTimeout(() => served.thaw(), 1500);
  await goesOn();
}, 30_000);

test('one that stays away: the reset gives up after the attempts allowed, with the reason', async () => {
  await openEnv(served.address, { attempts: 2, connectTimeout: 0.5 });
  await env.reset({ seed: 1 });
  await served.kill();
  expect((await env.step(still)).info.simulatorLost).toBeDefined();
  const { result, seconds } = await timed(() => env.reset().catch((error: unknown) => error));
  expect(String(result)).toMatch(/could not be had again in 2 attempts.*nothing listens there/s);
  expect(seconds).toBeLessThan(5);
  // It may come back later still.
  await served.launch();
  await goesOn();
}, 30_000);

test('another client that died holding the step: lost after the step time; the next episode takes hold again', async () => {
  await openEnv(served.address);
  await env.reset({ seed: 1 });
  await env.step(still);
  await served.callAndVanish('sim.setStepping', [true]);
  const { result, seconds } = await timed(() => env.step(still));
  expect(result.info.simulatorLost).toMatch(/within 1 s/);
  expect(seconds).toBeLessThan(3);
  await goesOn();
}, 30_000);

test('a simulation that someone else stops: lost within 2 s, started again for the next episode', async () => {
  await openEnv(served.address);
  await env.reset({ seed: 1 });
  await env.step(still);
  await served.callAndVanish('sim.stopSimulation');
  const { result, seconds } = await timed(() => env.step(still));
  expect(result.info.simulatorLost).toBeDefined();
  expect(seconds).toBeLessThan(2);
  await goesOn();
}, 30_000);

test('a pose that is not a number cuts the episode as diverged, and the next one is sound', async () => {
  const peer = await ScriptedPeer.start();
  await openEnv(peer.address);
  await env.reset({ seed: 1 });
  const before = await env.step(still);
  peer.lua.do("world.objects[sim.getObject('/target')].pose[2] = 0/0");
  const step = await env.step(still);
  expect(step).toMatchObject({ truncated: true, info: { diverged: true } });
  expect(step.observation).toEqual(before.observation);
  await goesOn();
  await peer.close();
});

test('a program that is killed lets the simulation go, and the next one takes it over', async () => {
  const first = await createCoppeliaSimSimulator({ address: served.address, ...quick });
  await first.reset({
    jointPositions: [-0.295, -1.005, 0, 1.882, 0, 0.69, 1.3],
    target: { position: [0.3, 0, 0.775], orientation: [0, 0, 0, 1] },
  });
  // Nothing is said: the first one's script is still in the scene, and its simulation runs.
  const { result: second, seconds } = await timed(() =>
    createCoppeliaSimSimulator({ address: served.address, ...quick }),
  );
  expect(seconds).toBeLessThan(5);
  await expect(second.state()).resolves.toMatchObject({ gripperOpening: expect.closeTo(0.08, 2) });
  await second.close();
  await first.close();
}, 30_000);
