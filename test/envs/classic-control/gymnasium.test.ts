import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cartPole, maskedCartPole } from '../../../src/envs/classic-control/cart-pole.ts';
import { ClassicEnv } from '../../../src/envs/classic-control/classic-env.ts';
import { pendulum } from '../../../src/envs/classic-control/pendulum.ts';
import { checkEnv, type Env, makeEnv, TimeLimit } from '../../../src/envs/index.ts';

interface Episode {
  readonly start: number[];
  readonly actions: number[];
  readonly observations: number[][];
  readonly rewards: number[];
  readonly terminated: boolean;
  readonly truncated: boolean;
}

/** What gymnasium-classic-control.py wrote: episodes of Gymnasium 1.x itself. */
const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures/gymnasium-classic-control.json', import.meta.url), 'utf8'),
) as { readonly stride: number; readonly 'CartPole-v1': Episode[]; readonly 'Pendulum-v1': Episode[] };

const systems = {
  'CartPole-v1': () => new TimeLimit(new ClassicEnv(cartPole), 500) as unknown as Env,
  'Pendulum-v1': () => new TimeLimit(new ClassicEnv(pendulum), 200) as unknown as Env,
};

for (const [id, make] of Object.entries(systems))
  test(`${id} goes where Gymnasium's goes, to 1e-6`, async () => {
    const env = make();
    for (const episode of recorded[id as keyof typeof systems]) {
      await env.reset({ options: { state: episode.start } });
      let total = 0;
      let checked = 0;
      for (const [i, number] of episode.actions.entries()) {
        const step = await env.step(env.actionSpace.kind === 'box' ? Float32Array.of(number) : number);
        const last = i === episode.actions.length - 1;
        total += Math.abs(step.reward - (episode.rewards[i] as number));
        expect([step.terminated, step.truncated], `step ${i}`).toEqual(
          last ? [episode.terminated, episode.truncated] : [false, false],
        );
        const row = last ? episode.observations.at(-1) : episode.observations[i / recorded.stride];
        if (row === undefined) continue;
        checked++;
        expect(
          Math.max(...row.map((x, k) => Math.abs(x - ((step.observation as Float32Array)[k] ?? 1e9)))),
        ).toBeLessThan(1e-6);
      }
      expect(total / episode.actions.length).toBeLessThan(1e-6);
      expect(checked).toBeGreaterThan(1);
    }
  });

for (const id of ['CartPole-v1', 'CartPoleMasked-v1', 'Pendulum-v1'])
  test(`${id} keeps the contract of environments`, async () => checkEnv(await makeEnv(id)));

test('the masked CartPole shows position and angle of the very same motion', async () => {
  const [whole, masked] = [new ClassicEnv(cartPole), new ClassicEnv(maskedCartPole)];
  await whole.reset({ seed: 3 });
  await masked.reset({ seed: 3 });
  for (let i = 0; i < 5; i++) {
    const [a, b] = [await whole.step(i % 2), await masked.step(i % 2)];
    expect([...b.observation]).toEqual([a.observation[0], a.observation[2]]);
  }
});

test('its generator goes on from a saved state', async () => {
  const env = new ClassicEnv(cartPole);
  await env.reset({ seed: 5 });
  const state = env.getState();
  const next = await env.reset();
  const other = new ClassicEnv(cartPole);
  other.setState(state);
  expect((await other.reset()).observation).toEqual(next.observation);
  expect(() => other.setState({})).toThrow('missing or damaged');
});

test('success is an episode long enough, or a pendulum that stands', async () => {
  const pole = new ClassicEnv(cartPole);
  await pole.reset({ options: { state: [0, 0, 0, 0] } });
  expect((await pole.step(0)).info.success).toBe(false);
  const standing = new ClassicEnv(pendulum);
  await standing.reset({ options: { state: [0.05, 0] } });
  expect((await standing.step(Float32Array.of(0))).info.success).toBe(true);
  await standing.reset({ options: { state: [2 * Math.PI + 2, 0] } });
  const { info, reward } = await standing.step(Float32Array.of(0));
  expect(info.success).toBe(false);
  expect(reward).toBeCloseTo(-4, 6);
  await expect(standing.reset({ options: { angle: 1 } })).rejects.toThrow('"angle" is not an option');
});
