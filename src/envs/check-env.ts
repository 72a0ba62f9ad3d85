import { Random } from '../common/random.ts';
import type { Env, StepResult } from './env.ts';
import { EnvContractError } from './errors.ts';
import { contains, flatSize, type Space, sample } from './spaces.ts';

export interface CheckEnvOptions {
  /** Longest episode to play, steps. */
  readonly maxSteps?: number;
  readonly seed?: number;
}

function demand(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new EnvContractError(`The environment breaks the contract: ${rule}`);
}

function checkObservation(space: Space, observation: unknown, where: string): void {
  const shown = observation instanceof Float32Array ? `Float32Array [${observation}]` : String(observation);
  if (space.kind === 'box' && observation instanceof Float32Array)
    demand(!observation.some(Number.isNaN), `the observation of ${where} holds NaN.`);
  demand(
    contains(space, observation),
    `the observation of ${where}, ${shown}, is not in the observation space (${space.kind}, ${flatSize(space)} numbers).`,
  );
}

function checkStep(space: Space, result: StepResult): void {
  checkObservation(space, result.observation, 'step()');
  demand(
    typeof result.reward === 'number' && Number.isFinite(result.reward),
    `a reward must be finite, not ${result.reward}.`,
  );
  demand(
    typeof result.terminated === 'boolean' && typeof result.truncated === 'boolean',
    'terminated and truncated must both be booleans.',
  );
  demand(typeof result.info === 'object' && result.info !== null, 'info must be an object.');
}

async function rejects(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return false;
  } catch {
    return true;
  }
}

function equal(a: unknown, b: unknown): boolean {
  if (a instanceof Float32Array && b instanceof Float32Array)
    return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
  return Object.is(a, b);
}

/** A seeded episode's observations and rewards. */
async function play(env: Env, seed: number, maxSteps: number): Promise<{ trace: unknown[]; ended: boolean }> {
  const random = new Random(seed);
  const { observation, info } = await env.reset({ seed });
  checkObservation(env.observationSpace, observation, 'reset()');
  demand(typeof info === 'object' && info !== null, 'info must be an object.');
  const trace: unknown[] = [observation];
  const copies = [copy(observation)];
  let ended = false;
  for (let step = 0; step < maxSteps && !ended; step++) {
    const action = sample(env.actionSpace, random);
    const actionBefore = copy(action);
    const result = await env.step(action);
    demand(equal(action, actionBefore), 'step() must not change the action it is given.');
    checkStep(env.observationSpace, result);
    trace.push(result.observation, result.reward);
    copies.push(copy(result.observation), result.reward);
    ended = result.terminated || result.truncated;
  }
  demand(
    trace.every((value, i) => equal(value, copies[i])),
    'an observation once returned must not change later: return a new array each time.',
  );
  return { trace, ended };
}

function copy(value: unknown): unknown {
  return value instanceof Float32Array ? value.slice() : value;
}

/**
 * Proves that an environment keeps the contract of {@link Env}: spaces, types and bounds, finite rewards, observations
 * that stay as returned, same seed and actions → same episode, a step refused before a reset, after an episode's end
 * and after `close`, an action outside the space refused.
 *
 * The environment must be new, and is closed in the end. Throws EnvContractError naming the first rule broken.
 */
export async function checkEnv(env: Env, { maxSteps = 200, seed = 1 }: CheckEnvOptions = {}): Promise<void> {
  try {
    demand(flatSize(env.observationSpace) > 0, 'the observation space must not be empty.');
    demand(flatSize(env.actionSpace) > 0, 'the action space must not be empty.');
    const action = sample(env.actionSpace, new Random(seed));
    demand(await rejects(() => env.step(action)), 'step() before the first reset() must throw.');
    const first = await play(env, seed, maxSteps);
    if (first.ended)
      demand(
        await rejects(() => env.step(action)),
        'step() after the end of an episode must throw: nothing resets by itself.',
      );
    const second = await play(env, seed, maxSteps);
    demand(
      first.trace.length === second.trace.length && first.trace.every((value, i) => equal(value, second.trace[i])),
      'the same seed and the same actions must give the same observations and rewards.',
    );
    await env.reset({ seed });
    const wrong = env.actionSpace.kind === 'box' ? new Float32Array(flatSize(env.actionSpace) + 1) : -1;
    demand(await rejects(() => env.step(wrong)), 'an action outside the action space must throw.');
    if (env.actionSpace.kind === 'box') {
      const broken = (action as Float32Array).slice().fill(Number.NaN);
      demand(await rejects(() => env.step(broken)), 'an action that holds NaN must throw.');
    }
  } finally {
    await env.close();
  }
  await env.close();
  demand(await rejects(() => env.reset({ seed })), 'reset() after close() must throw.');
}
