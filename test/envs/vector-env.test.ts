import { expect, test } from 'vitest';
import { EpisodeOverError, makeEnv, VectorEnv } from '../../src/envs/index.ts';

test('environments stepped together do what each does alone, and hand out final observations', async () => {
  const make = () => makeEnv('SawyerGrasp-v1', { maxEpisodeSteps: 3 });
  const envs = new VectorEnv([await make(), await make()]);
  const alone = await make();
  const size = envs.observations.length / 2;
  const row = (i: number) => Array.from(envs.observations.subarray(i * size, (i + 1) * size));

  await envs.reset([5, 6]);
  let { observation } = await alone.reset({ seed: 6 });
  expect(row(1)).toEqual(Array.from(observation as Float32Array));
  expect(row(0)).not.toEqual(row(1));

  const action = new Float32Array(7).fill(0.3);
  const actions = new Float32Array(14).fill(0.3);
  for (let step = 1; step <= 3; step++) {
    const results = await envs.step(actions);
    const single = await alone.step(action as never); // A box's action; the registry's type says any space.
    observation = single.observation;
    expect(results[1]).toEqual(single);
    expect(row(1)).toEqual(Array.from(observation as Float32Array));
    expect(results[1]?.truncated).toBe(step === 3);
  }
  await expect(envs.step(actions)).rejects.toThrow(EpisodeOverError);
  await envs.resetOne(1, { seed: 6 });
  expect(row(1)).toEqual(Array.from((await alone.reset({ seed: 6 })).observation as Float32Array));
  await expect(envs.step(actions.subarray(0, 7))).rejects.toThrow('needs as many actions, but got 1');
  await envs.close();
  await alone.close();
});

test('environments of different kinds are not stepped together', async () => {
  const made = [await makeEnv('SawyerGrasp-v1'), await makeEnv('SawyerReach-v1')];
  expect(() => new VectorEnv(made)).toThrow('number 1 has other spaces');
  expect(() => new VectorEnv([])).toThrow('at least one');
  for (const env of made) await env.close();
});
