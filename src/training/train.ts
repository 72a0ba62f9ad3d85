import { performance } from 'node:perf_hooks';
import type { Simulator } from '../bridge/index.ts';
import { UsageError } from '../common/errors.ts';
import { envSpec } from '../envs/index.ts';
import { algorithmLabel, DEFAULT_ALGORITHM, loadAlgorithm } from './algorithms.ts';
import { readCheckpoint } from './checkpoint.ts';
import { CheckpointStore } from './checkpoint-store.ts';
import { resolveConfig, resumeConfig, type TrainConfig, type TrainOptions, usesWorkers } from './config.ts';
import { checkDemonstrationsUnchanged, identifyDemonstrations } from './demonstrations/index.ts';
import { RunNotFoundError } from './errors.ts';
import { unusedKeys } from './presets.ts';
import type { TrainEvent, TrainSummary } from './progress.ts';
import { writeRunCurves } from './run-curves.ts';
import { defaultRunName, RunDirectory } from './run-directory.ts';
import { readRunConfig, readRunSummary, writeRunConfig } from './run-files.ts';
import { Session } from './session.ts';
import { setUp, type TrainingParts } from './setup.ts';
import { setUpWithWorkers, type WorkersParts } from './workers/index.ts';

export interface TrainRequest {
  /** What was chosen; the rest is filled in. */
  readonly options?: TrainOptions;
  /** Where runs are; `runs` by default. */
  readonly runsDirectory?: string;
  /** The run's name; by default made from environment, algorithm, seed and time. With `resume`, the latest run's. */
  readonly name?: string;
  /** Goes on with a run that is there, from its last checkpoint. */
  readonly resume?: boolean;
}

export interface TrainHooks {
  /** Ends the training after the episode under way, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainEvent) => void;
  /** When the whole began, on the clock of performance.now(), ms; the call by default, 0 for the whole process. */
  readonly wallStart?: number;
  /** Put around the simulator that is trained on, such as what lets a viewer watch it; not with rollout workers. */
  readonly around?: (simulator: Simulator) => Simulator;
  /** More arguments for Node in the processes of rollout workers, such as an import that registers environments. */
  readonly execArgv?: readonly string[];
}

/**
 * Trains one policy in one run directory.
 *
 * Throws UsageError and its kin (RunExistsError, RunNotFoundError) before anything is written; RunLockedError where
 * another process trains there; CheckpointDamagedError; TrainingDivergedError.
 */
export async function train(request: TrainRequest, hooks: TrainHooks = {}): Promise<TrainSummary> {
  const wallStart = hooks.wallStart ?? performance.now();
  return request.resume === true ? resumeRun(request, hooks, wallStart) : startRun(request, hooks, wallStart);
}

/** What options are called on the command line. */
const FLAGS: Readonly<Record<string, string>> = {
  bufferCapacity: '--buffer-capacity',
  randomSteps: '--random-steps',
  updatesPerStep: '--utd',
};

async function startRun(request: TrainRequest, hooks: TrainHooks, wallStart: number): Promise<TrainSummary> {
  const { runsDirectory = 'runs', name } = request;
  const { options = {} } = request;
  const { algorithm = DEFAULT_ALGORITHM } = options;
  const { kind } = await loadAlgorithm(algorithm);
  const ignored = unusedKeys(kind).filter(key => options[key] !== undefined);
  if (ignored.length > 0)
    throw new UsageError(
      `${algorithmLabel(algorithm)} is on-policy: it has no replay buffer and does not use ${ignored.map(key => `${key} (${FLAGS[key]})`).join(', ')}. Leave that out.`,
    );
  const chosen = resolveConfig(options, kind);
  const envOptions = envSpec(chosen.env).completeOptions?.(chosen.envOptions) ?? chosen.envOptions;
  const demos = await identifyDemonstrations(chosen.demos);
  const config: TrainConfig = { ...chosen, envOptions, demos };
  if (name !== undefined) RunDirectory.checkNew(runsDirectory, name);
  const before = performance.now();
  const parts = await openParts(config, hooks);
  try {
    const standard = defaultRunName(config.env, algorithmLabel(config.algorithm), config.seed, new Date());
    const run =
      name === undefined
        ? RunDirectory.createUnique(runsDirectory, standard)
        : RunDirectory.create(runsDirectory, name);
    const unlock = run.lock();
    try {
      writeRunConfig(run, config);
      const session = openSession({ config, parts, run, before, wallStart }, hooks);
      return await conclude(session, run, hooks);
    } finally {
      unlock();
    }
  } finally {
    await parts.close();
  }
}

async function resumeRun(request: TrainRequest, hooks: TrainHooks, wallStart: number): Promise<TrainSummary> {
  const { runsDirectory = 'runs', name, options = {} } = request;
  const run = name === undefined ? RunDirectory.latest(runsDirectory) : RunDirectory.open(runsDirectory, name);
  const unlock = run.lock();
  try {
    const config = resumeConfig(readRunConfig(run), options);
    const path = new CheckpointStore(run.checkpointsPath).latest();
    if (path === null)
      throw new RunNotFoundError(
        `Resuming ${run.path} failed: it has no checkpoint, so nothing was learned that could go on. Start a new run.`,
      );
    const checkpoint = readCheckpoint(path);
    await checkDemonstrationsUnchanged(config.demos);
    const before = performance.now();
    const parts = await openParts(config, hooks);
    try {
      const session = openSession({ config, parts, run, before, wallStart }, hooks);
      await session.restore(checkpoint, path);
      if (session.complete && readRunSummary(run)?.interrupted === false)
        throw new UsageError(
          `Resuming ${run.path} failed: the run is complete, at ${session.envSteps} environment steps. ` +
            'Ask for more with --steps, and where it reached its goal with another --until-success.',
        );
      writeRunConfig(run, config);
      return await conclude(session, run, hooks);
    } finally {
      await parts.close();
    }
  } finally {
    unlock();
  }
}

/** One process's parts, or those of a learner with rollout workers. */
async function openParts(config: TrainConfig, hooks: TrainHooks): Promise<TrainingParts | WorkersParts> {
  if (!usesWorkers(config)) return setUp(config, hooks.around);
  const { signal, onEvent, execArgv } = hooks;
  if (hooks.around !== undefined)
    onEvent?.({
      kind: 'warning',
      message:
        "The arm is not shown: rollout workers have simulators of their own, in other processes. The curves and the workers' states are; with --workers 0 the arm is, too.",
    });
  return setUpWithWorkers(config, {
    signal,
    ...(execArgv === undefined ? {} : { execArgv }),
    onWarning: message => onEvent?.({ kind: 'warning', message }),
  });
}

interface Opening {
  readonly config: TrainConfig;
  readonly parts: TrainingParts | WorkersParts;
  readonly run: RunDirectory;
  /** When setting up began, ms. */
  readonly before: number;
  readonly wallStart: number;
}

function openSession({ before, ...rest }: Opening, { signal, onEvent = () => {} }: TrainHooks): Session {
  const { parts, config } = rest;
  const apart = 'evaluations' in parts ? { evaluations: parts.evaluations } : {};
  const listening = 'address' in parts && config.listen !== undefined ? { listening: parts.address } : {};
  const setupSeconds = (performance.now() - before) / 1000;
  return new Session({ ...rest, ...apart, ...listening, signal, onEvent, setupSeconds });
}

/** Trains, then writes summary and picture. */
async function conclude(session: Session, run: RunDirectory, hooks: TrainHooks): Promise<TrainSummary> {
  const end = await session.run();
  const warnings = [...end.warnings];
  const attempt = (what: string, write: () => void): boolean => {
    try {
      write();
      return true;
    } catch (error) {
      const message = `Writing ${what} failed: ${error instanceof Error ? error.message : error}`;
      warnings.push(message);
      hooks.onEvent?.({ kind: 'warning', message });
      return false;
    }
  };
  const named = { run: run.name, directory: run.path };
  const drawn = attempt(run.curvesPath, () => writeRunCurves(run));
  const summary: TrainSummary = { ...named, ...end, curves: drawn ? run.curvesPath : null, warnings };
  attempt(run.summaryPath, () => run.writeJson(run.summaryPath, summary));
  return summary;
}
