import { resolve } from 'node:path';
import { closeAndThrow } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import { Random } from '../common/random.ts';
import type { Actor, EnvironmentDescription } from '../demos/index.ts';
import type { Env } from '../envs/index.ts';
import type { SimulatorChoice } from '../training/index.ts';

const DEFAULT_ENV = 'SawyerGrasp-v1';

/** Who acts in a recording, and where. */
export interface Recording {
  readonly env: Env;
  readonly description: EnvironmentDescription;
  readonly actor: Actor;
  /** For the file: `expert`, `random`, or the checkpoint's path. */
  readonly policy: string;
  readonly maxEpisodeSteps?: number;
  close(): Promise<void>;
}

export interface RecordingChoice extends SimulatorChoice {
  /** `expert`, `random`, a checkpoint file, or a run by name or path. */
  readonly policy: string;
  /** By default a run's own environment, otherwise SawyerGrasp-v1. */
  readonly env?: string;
  readonly envOptions: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** Standard deviation of the noise on the actions, in [-1, 1]'s units. */
  readonly noise: number;
  readonly runsDirectory: string;
}

/** The environment that is meant: the one that was chosen, otherwise a run's own, otherwise SawyerGrasp-v1. */
export async function environmentOf(
  choice: Pick<RecordingChoice, 'policy' | 'env' | 'runsDirectory'>,
): Promise<string> {
  if (choice.env !== undefined) return choice.env;
  if (isScripted(choice.policy)) return DEFAULT_ENV;
  const { readCheckpointMeta } = await import('../training/index.ts');
  return String(readCheckpointMeta(await checkpointOf(choice)).config.env);
}

/** Opens the environment and what acts in it. Throws UsageError, and what loading a run throws. */
export async function openRecording(choice: RecordingChoice): Promise<Recording> {
  if (!(choice.noise >= 0 && choice.noise <= 1))
    throw new UsageError(`The noise must be from 0 to 1, but it is ${choice.noise}.`);
  if (choice.policy === 'random' && choice.noise > 0)
    throw new UsageError(
      '--noise is added to the actions of an expert or a policy; random actions take none. Leave it out.',
    );
  if (isScripted(choice.policy) && choice.trust !== undefined)
    throw new UsageError('--trust says what a run or a checkpoint may name, and none is loaded here. Leave it out.');
  return isScripted(choice.policy) ? openScripted(choice) : openRun(choice);
}

/** Throws UsageError if the folder of runs is given, and no run is looked for in it. */
export function checkRunsDirectory(given: { readonly policy?: string; readonly 'runs-dir'?: string }): void {
  const { policy, 'runs-dir': directory } = given;
  if (directory === undefined || (policy !== undefined && !isScripted(policy) && !isFile(policy))) return;
  throw new UsageError(
    `--runs-dir is where a run is found by name, and ${policy === undefined ? 'no --policy names one' : `--policy ${policy} is none`}. Leave it out.`,
  );
}

function isFile(policy: string): boolean {
  return policy.endsWith('.checkpoint');
}

function isScripted(policy: string): boolean {
  return policy === 'expert' || policy === 'random';
}

async function checkpointOf({ policy, runsDirectory }: Pick<RecordingChoice, 'policy' | 'runsDirectory'>) {
  const { findCheckpoint } = await import('../training/index.ts');
  return findCheckpoint({ ...(isFile(policy) ? { policy } : { run: policy }), runsDirectory });
}

async function openScripted(choice: RecordingChoice): Promise<Recording> {
  const { policy, env: id = DEFAULT_ENV, envOptions, simulator = 'mujoco', simulatorOptions = {} } = choice;
  const { createExpert, describeEnv, randomActor } = await import('../demos/index.ts');
  const { makeEnv } = await import('../envs/index.ts');
  const { checkEnvironment } = await import('../training/index.ts');
  const { around } = choice;
  await checkEnvironment({ env: id, envOptions, simulator, simulatorOptions }, choice.onWarning ?? (() => {}));
  const env = await makeEnv(id, envOptions, {
    simulator,
    simulatorOptions,
    ...(around === undefined ? {} : { around }),
  });
  try {
    const random = noiseOf(choice);
    const { noise } = choice;
    const actor =
      policy === 'random'
        ? randomActor(env, random)
        : await createExpert(env, noise === 0 ? {} : { noise: { random, scale: noise } });
    const description = describeEnv(env, { id, options: envOptions, simulator });
    return { env, description, actor, policy, close: () => env.close() };
  } catch (error) {
    return closeAndThrow(error, env);
  }
}

async function openRun(choice: RecordingChoice): Promise<Recording> {
  const { env: id, envOptions, simulator } = choice;
  const { describeEnv, noisyActor } = await import('../demos/index.ts');
  const { loadPolicy, pilotOf } = await import('../training/index.ts');
  const path = await checkpointOf(choice);
  const loaded = await loadPolicy(path, envOptions, choice);
  try {
    const { config } = loaded;
    if (id !== undefined && id !== config.env)
      throw new UsageError(`The policy ${path} was trained in ${config.env}, not in ${id}. Leave --env out.`);
    const env = loaded.env as unknown as Env; // Its spaces are boxes, which the general type leaves open.
    const pilot = pilotOf(loaded.policy);
    const act: Actor = Object.assign((observation: Float32Array) => pilot.act(observation), {
      reset: () => pilot.reset(),
    });
    return {
      env,
      description: describeEnv(env, {
        id: config.env,
        options: { ...config.envOptions, ...envOptions },
        simulator: simulator ?? config.simulator,
      }),
      actor: noisyActor(act, noiseOf(choice), choice.noise),
      policy: resolve(path),
      maxEpisodeSteps: config.maxEpisodeSteps,
      close: () => loaded.close(),
    };
  } catch (error) {
    return closeAndThrow(error, loaded);
  }
}

/** A stream apart from that of the episodes' seeds. */
function noiseOf({ seed }: Pick<RecordingChoice, 'seed'>): Random {
  return new Random(seed).fork();
}
