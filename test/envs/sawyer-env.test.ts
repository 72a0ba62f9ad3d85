import { afterEach, expect, test } from 'vitest';
import { Random } from '../../src/common/random.ts';
import { checkEnv, type Env, listEnvs, makeEnv, type SawyerEnv, sample, unwrapped } from '../../src/envs/index.ts';

let env: Env | undefined;
afterEach(() => env?.close());

test.each(listEnvs().map(spec => spec.id))('%s keeps the contract', async id => {
  await checkEnv(await makeEnv(id));
});

test.each([
  { preset: 'original' },
  { preset: 'original', controlMode: 'end_position', target: 'random' },
  { controlMode: 'end_position', reward: 'sparse', observation: 'joint' },
  { reward: 'dense', target: 'fixed', start: 'original' },
])('SawyerGrasp-v1 keeps the contract with %o', async options => {
  await checkEnv(await makeEnv('SawyerGrasp-v1', options));
});

test('an unknown environment, option, value or simulator is refused with the near match', async () => {
  await expect(makeEnv('SawyerGrap-v1')).rejects.toThrow(/Did you mean "SawyerGrasp-v1"\?/);
  await expect(makeEnv('SawyerGrasp-v1', { rewards: 'dense' })).rejects.toThrow(/Did you mean "reward"\?/);
  await expect(makeEnv('SawyerGrasp-v1', { reward: 'denes' })).rejects.toThrow(/Did you mean "dense"\?/);
  await expect(makeEnv('SawyerGrasp-v1', {}, { simulator: 'mujco' })).rejects.toThrow(/Did you mean "mujoco"\?/);
});

test('reset options put joints and target where told, and wrong ones are refused', async () => {
  env = await makeEnv('SawyerGrasp-v1');
  const joints = [-0.3, -1, 0.1, 1.9, 0, 0.7, 1.2];
  await env.reset({ seed: 1, options: { jointPositions: joints, targetPosition: [0.2, 0.1, 0.775], targetYaw: 0.4 } });
  const { state } = unwrapped(env) as SawyerEnv;
  expect([...state.jointPositions]).toEqual(joints.map(angle => expect.closeTo(angle, 9)));
  expect(state.target.position).toEqual([0.2, 0.1, 0.775].map(x => expect.closeTo(x, 9)));
  expect(2 * Math.asin(state.target.orientation[2])).toBeCloseTo(0.4, 9);
  await expect(env.reset({ options: { target: [0, 0, 0] } })).rejects.toThrow(/"target" is not an option/);
  await expect(env.reset({ options: { targetYaw: 'x' } })).rejects.toThrow(/targetYaw/);
});

test('a saved generator goes on with the very next episode', async () => {
  env = await makeEnv('SawyerGrasp-v1');
  await env.reset({ seed: 9 });
  const saved = JSON.parse(JSON.stringify(env.getState?.()));
  const { observation: next } = await env.reset();
  await env.reset();
  env.setState?.(saved);
  expect((await env.reset()).observation).toEqual(next);
});

test('a target that falls ends the episode at −10, in all rewards', async () => {
  for (const reward of ['sparse', 'dense', 'augmented']) {
    env = await makeEnv('SawyerGrasp-v1', { reward });
    // Beside the table, whose edge is at y = 0.55.
    await env.reset({ seed: 1, options: { targetPosition: [0.3, 0.75, 0.72] } });
    const still = new Float32Array(7);
    let result = await env.step(still);
    while (!result.terminated && !result.truncated) result = await env.step(still);
    expect(result.info).toMatchObject({ fallen: true, success: false });
    expect(result.terminated).toBe(true);
    expect(result.reward).toBeLessThan(-9.9);
    expect(result.reward).toBeGreaterThan(-10.1);
    await env.close();
  }
});

test('episodes of random actions end by 30 steps, and 100 of them stay finite', async () => {
  env = await makeEnv('SawyerGrasp-v1', { startJitter: 0.2 });
  const random = new Random(4);
  await env.reset({ seed: 4 });
  for (let episode = 0; episode < 100; episode++) {
    if (episode > 0) await env.reset();
    let steps = 0;
    for (;;) {
      const { observation, reward, terminated, truncated } = await env.step(sample(env.actionSpace, random));
      steps++;
      expect(Number.isFinite(reward) && (observation as Float32Array).every(Number.isFinite)).toBe(true);
      if (terminated || truncated) break;
    }
    expect(steps).toBeLessThanOrEqual(30);
  }
});

test("end_position starts there from the original's posture too", async () => {
  env = await makeEnv('SawyerGrasp-v1', { controlMode: 'end_position', preset: 'original' });
  await env.reset({ seed: 1 });
  const { position } = (unwrapped(env) as SawyerEnv).state.tip;
  expect(position).toEqual([0.3, 0.1, 0.9].map(x => expect.closeTo(x, 3)));
});

test('end_position starts with the tip at (0.3, 0.1, 0.9), facing down, and refuses to leave the work space', async () => {
  env = await makeEnv('SawyerGrasp-v1', { controlMode: 'end_position', startJitter: 0 });
  await env.reset({ seed: 1 });
  const inner = unwrapped(env) as SawyerEnv;
  expect(inner.state.tip.position).toEqual([0.3, 0.1, 0.9].map(x => expect.closeTo(x, 3)));
  const before = inner.state.tip.position;
  // Five times 10 cm up and towards −x: the first ones move, then the edge at x = −0.05 holds.
  await env.step(Float32Array.of(-1, 0, 1, 0));
  expect(inner.state.tip.position[2] - before[2]).toBeGreaterThan(0.04);
  for (let i = 0; i < 6; i++) await env.step(Float32Array.of(-1, 0, 0, 0));
  expect(inner.state.gripper.position[0]).toBeGreaterThan(-0.07);
});
