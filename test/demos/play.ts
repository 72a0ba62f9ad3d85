import { createExpert, type ExpertOptions } from '../../src/demos/index.ts';
import { type Env, makeEnv, type SawyerEnv, type StepResult, unwrapped } from '../../src/envs/index.ts';

/** An environment as users get it, with the one inside and its expert. */
export async function expertIn(id: string, options: unknown = {}, expertOptions?: ExpertOptions) {
  const env = await makeEnv(id, options);
  // All registered environments used here are Sawyer's.
  const sawyer = unwrapped(env) as SawyerEnv;
  return { env, sawyer, expert: await createExpert(env, expertOptions) };
}

/** Plays one episode and returns its last step. */
export async function playEpisode(env: Env, expert: () => Float32Array, seed: number): Promise<StepResult> {
  await env.reset({ seed });
  let last: StepResult;
  do last = await env.step(expert());
  while (!last.terminated && !last.truncated);
  return last;
}
