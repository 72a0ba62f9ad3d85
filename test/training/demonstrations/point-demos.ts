import { describeEnv, record } from '../../../src/demos/index.ts';
import { makeEnv } from '../../../src/envs/index.ts';
import '../point-env.ts';

/** Records demonstrations that bring the point to the middle, straight. Returns the file. */
export async function recordPoint(out: string, episodes = 6, seed = 3): Promise<string> {
  const env = await makeEnv('Point-v0');
  const description = describeEnv(env, { id: 'Point-v0', options: {}, simulator: 'mujoco' });
  const actor = (observation: Float32Array) => observation.map(value => Math.max(-1, Math.min(1, -5 * value)));
  await record({ env, description, actor, episodes, seed, out, policy: { name: 'straight', noise: 0 } });
  await env.close();
  return out;
}
