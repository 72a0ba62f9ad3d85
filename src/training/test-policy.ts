import type { Policy } from '../agents/index.ts';
import type { Simulator } from '../bridge/index.ts';
import { closeAfter, closeAndThrow } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import { Random } from '../common/random.ts';
import { createEngine } from '../engine/index.ts';
import type { Box, Env, Space } from '../envs/index.ts';
import { loadAlgorithm } from './algorithms.ts';
import { Announcer } from './announcer.ts';
import { readCheckpoint, readCheckpointMeta } from './checkpoint.ts';
import { CheckpointStore } from './checkpoint-store.ts';
import type { TrainConfig } from './config.ts';
import { RunNotFoundError } from './errors.ts';
import { type EvaluatedEpisode, type EvaluationResult, evaluate, summarize } from './evaluate.ts';
import { OpenThings } from './open-things.ts';
import { checkChoice, findChosen } from './resume-point.ts';
import { RunDirectory } from './run-directory.ts';
import { checkConfig, readRunConfig, readRunId, readRunSummary } from './run-files.ts';
import { checkBelongs, type RunIdentity } from './run-identity.ts';
import { checkEnvironment, createPolicy, describeSimulator, openAnyEnv, simulatorOf } from './setup.ts';
import { asState } from './state.ts';
import { admit, checkpointSource, type TrustOptions } from './trust.ts';

export interface CheckpointChoice {
  /** A checkpoint file; nothing else is looked at then. */
  readonly policy?: string;
  /** A run by name or path; the latest by default. */
  readonly run?: string;
  /**
   * `best`, `last`, a number of environment steps, or a path. By default the checkpoint that the run's final evaluation was
   * of, then the best, then the last.
   */
  readonly checkpoint?: string;
  readonly runsDirectory: string;
}

/** The path of the checkpoint that is meant. Throws UsageError, RunNotFoundError, and CheckpointMismatchError. */
export function findCheckpoint({ policy, run, checkpoint, runsDirectory }: CheckpointChoice): string {
  if (policy !== undefined && (run !== undefined || checkpoint !== undefined))
    throw new UsageError('A policy file was named, and a run or a kind of checkpoint too. Name one or the other.');
  if (policy !== undefined) return policy;
  if (checkpoint !== undefined) checkChoice(checkpoint);
  const directory = run === undefined ? RunDirectory.latest(runsDirectory) : RunDirectory.open(runsDirectory, run);
  const store = new CheckpointStore(directory.checkpointsPath);
  const evaluated = checkpoint === undefined ? readRunSummary(directory)?.checkpoint : null;
  const found =
    checkpoint === undefined
      ? ([
          // A run may have been moved since its summary was written: only the file's name counts.
          [...store.list(), ...store.listPolicies()].find(
            path => path.split(/[/\\]/).at(-1) === evaluated?.split(/[/\\]/).at(-1),
          ),
          store.best(),
          store.latest(),
        ].find(path => path !== null && path !== undefined) ?? null)
      : findChosen(store, checkpoint);
  if (found === null)
    throw new RunNotFoundError(
      checkpoint === 'best'
        ? `${directory.path} has no checkpoint that was evaluated. Use its last one, or train longer.`
        : `${directory.path} has no checkpoint. It was stopped before its first one; resume it with train --resume.`,
    );
  checkBelongs({ path: found, checkpoint: { meta: readCheckpointMeta(found) } }, identityOf(directory));
  return found;
}

function identityOf(run: RunDirectory): RunIdentity {
  return { id: readRunId(run), config: readRunConfig(run) };
}

/** A policy from a checkpoint, with an environment it was trained for. */
export interface LoadedPolicy {
  readonly config: TrainConfig;
  readonly policy: Policy;
  readonly env: Env<Box, Space>;
  close(): Promise<void>;
}

/** Another simulator than the policy was trained on, or the same with other options. */
export interface SimulatorChoice extends TrustOptions {
  readonly simulator?: string;
  readonly simulatorOptions?: Readonly<Record<string, unknown>>;
  /** Put around the simulator, such as what lets a viewer watch it. */
  readonly around?: (simulator: Simulator) => Simulator;
  /** Told what seems wrong with an environment that is not this package's own. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Loads a policy and opens its environment.
 *
 * @param envOptions changes to the environment's options.
 * @param choice of a simulator; by default the one it was trained on. Options are not mixed with those of the training.
 * Throws CheckpointDamagedError, and UsageError where the environment so changed does not fit the policy, or the
 * checkpoint names code that is not trusted.
 */
export async function loadPolicy(
  path: string,
  envOptions: Readonly<Record<string, unknown>> = {},
  choice: SimulatorChoice = {},
): Promise<LoadedPolicy> {
  const { meta, state } = readCheckpoint(path);
  const config = checkConfig(meta.config, path);
  const chosen = {
    ...config,
    ...chosenSimulator(config, choice, path),
    envOptions: { ...config.envOptions, ...envOptions },
  };
  const algorithm = await loadAlgorithm(config.algorithm);
  await checkEnvironment(chosen, choice.onWarning ?? (() => {}));
  const env = await openAnyEnv(chosen, { around: choice.around });
  const { keep, close } = new OpenThings(env);
  try {
    const { backend, device, threads } = config;
    const engine = await createEngine({ backend, device, threads });
    keep(engine);
    const policy = await createPolicy(algorithm, config, env, engine, new Random(config.seed));
    keep(policy);
    await policy.setState(asState(asState(state, 'learner'), 'policy'));
    return { config, policy, env, close };
  } catch (error) {
    return closeAndThrow(error, close);
  }
}

/** The simulator and its options, once everything that only the checkpoint names may be used. Throws UsageError. */
function chosenSimulator(config: TrainConfig, choice: SimulatorChoice, path: string) {
  const { simulator = config.simulator, simulatorOptions } = choice;
  const own = simulator === config.simulator ? config.simulatorOptions : {};
  const named = {
    algorithm: config.algorithm,
    simulator,
    ...(simulatorOptions === undefined ? { simulatorOptions: own } : {}),
  };
  const admitted = admit(named, checkpointSource(path), choice);
  return { simulator, simulatorOptions: simulatorOptions ?? admitted };
}

export interface TestOptions extends SimulatorChoice {
  readonly episodes: number;
  readonly seed: number;
  readonly envOptions?: Readonly<Record<string, unknown>>;
  /** Ends the test after the episode under way; what was played counts. */
  readonly signal?: AbortSignal;
  /** Told which simulator was opened, for people. */
  readonly onSimulator?: (simulator: string) => void;
  readonly onEpisode?: (episode: EvaluatedEpisode) => void;
}

/** Plays deterministic episodes with a checkpoint's policy. A simulator with a window of its own shows each one's result. */
export async function testPolicy(path: string, options: TestOptions): Promise<EvaluationResult> {
  const { episodes, seed, envOptions, signal, onEpisode } = options;
  if (!Number.isInteger(episodes) || episodes < 1)
    throw new UsageError(`A test needs a positive number of episodes, but got ${episodes}.`);
  const { policy, env, config, close } = await loadPolicy(path, envOptions, options);
  const played: EvaluatedEpisode[] = [];
  return closeAfter(async () => {
    try {
      options.onSimulator?.(describeSimulator(env));
      const announcer = new Announcer(simulatorOf(env), options.onWarning ?? (() => {}));
      return await evaluate(policy, env, {
        episodes,
        seed,
        maxEpisodeSteps: config.maxEpisodeSteps,
        ...(signal === undefined ? {} : { signal }),
        onEpisode: episode => {
          played.push(episode);
          announcer.episode(episode.index + 1, episode);
          onEpisode?.(episode);
        },
      });
    } catch (error) {
      if (signal?.aborted) return summarize(played);
      throw error;
    }
  }, close);
}
