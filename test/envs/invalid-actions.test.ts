import { expect, test } from 'vitest';
import { InvalidActionError, makeEnv, unwrapped } from '../../src/envs/index.ts';

test.each([
  ['SawyerReach-v1', [0, 0, 0], 'a Float32Array of length 3 with numbers in [-1, 1], but is Array [0, 0, 0].'],
  ['SawyerReach-v1', undefined, 'but is undefined.'],
  ['SawyerReach-v1', new Float32Array(2), 'but is Float32Array [0, 0].'],
  ['SawyerReach-v1', Float32Array.of(0, Number.NaN, 0), 'but is Float32Array [0, NaN, 0].'],
  ['Pendulum-v1', [0], 'a Float32Array of length 1 with numbers in [-1, 1], but is Array [0].'],
  ['CartPole-v1', Float32Array.of(1), 'an integer from 0 to 1, but is Float32Array [1].'],
  ['CartPole-v1', '1', 'an integer from 0 to 1, but is string 1.'],
])('%s rejects the action %o, and names what it expects and its type', async (id, action, message) => {
  const env = await makeEnv(id);
  await env.reset({ seed: 1 });
  const error: unknown = await env.step(action as never).catch(error => error);
  expect(error).toBeInstanceOf(InvalidActionError);
  expect(String(error)).toContain(message);
  await env.close();
});

test.each(['SawyerReach-v1', 'Pendulum-v1'])('%s rejects a plain array below NormalizedActions, too', async id => {
  const env = await makeEnv(id);
  await env.reset({ seed: 1 });
  await expect(unwrapped(env).step([0] as never)).rejects.toThrow('but is Array [0].');
  await env.close();
});
