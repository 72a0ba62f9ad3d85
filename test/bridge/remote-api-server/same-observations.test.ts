import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RemoteApiServer, serveRemoteApi } from '../../../src/bridge/index.ts';
import { Random } from '../../../src/common/random.ts';
import { type Box, type Env, makeEnv } from '../../../src/envs/index.ts';

let server: RemoteApiServer;
beforeAll(async () => {
  server = await serveRemoteApi({ port: 0 });
});
afterAll(() => server.close());

/** Everything that two episodes give, under actions drawn from the same seed. */
async function play(env: Env): Promise<unknown[]> {
  const random = new Random(5);
  const { shape } = env.actionSpace as Box; // These environments' actions are of a box.
  const seen: unknown[] = [];
  for (const seed of [11, 12]) {
    const { observation } = await env.reset({ seed });
    seen.push(observation);
    for (let over = false, step = 0; !over && step < 25; step++) {
      const action = Float32Array.from({ length: shape[0] as number }, () => random.uniform(-1, 1));
      const { observation, reward, terminated, truncated } = await env.step(action);
      seen.push([observation, reward, terminated, truncated]);
      over = terminated || truncated;
    }
  }
  return seen;
}

test.each([
  ['SawyerGrasp-v1', { controlMode: 'joint_velocity' }],
  ['SawyerGrasp-v1', { controlMode: 'end_position' }],
  ['SawyerLift-v1', {}],
  ['SawyerReach-v1', {}],
])('%s %o: through the served remote API the observations are those of the embedded simulator', async (id, options) => {
  const embedded = await makeEnv(id, options);
  const served = await makeEnv(id, options, {
    simulator: 'coppeliasim',
    simulatorOptions: { address: server.address },
  });
  try {
    const expected = await play(embedded);
    expect(expected.length).toBeGreaterThan(4);
    expect(await play(served)).toEqual(expected);
  } finally {
    await embedded.close();
    await served.close();
  }
});
