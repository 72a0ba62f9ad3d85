import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { OnPolicy } from '../agents/index.ts';
import type { Simulator } from '../bridge/index.ts';
import { closeAfter } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import { envSpec } from '../envs/index.ts';
import { algorithmLabel, DEFAULT_ALGORITHM, loadAlgorithm } from './algorithms.ts';
import { checkConfirmation, checkLearnable, checkRollout } from './check-learnable.ts';
import { resolveConfig, resumeConfig, type TrainConfig, type TrainOptions, usesWorkers } from './config.ts';
import { checkDemonstrationsUnchanged, identifyDemonstrations } from './demonstrations/index.ts';
import { RunGoneError } from './errors.ts';
import { unusedKeys } from './presets.ts';
import type { TrainEvent, TrainSummary } from './progress.ts';
import { findResumePoint } from './resume-point.ts';
import { writeRunCurves } from './run-curves.ts';
import { defaultRunName, RunDirectory } from './run-directory.ts';
import { readRunConfig, readRunId, readRunSummary, writeRunConfig } from './run-files.ts';
import { Session, type SessionOptions } from './session.ts';
import { checkEnvironment, setUp, type TrainingParts } from './setup.ts';
import { admit } from './trust.ts';
import { checkCapacity, setUpWithWorkers, type WorkersParts } from './workers/index.ts';

export interface TrainRequest {
  /** What was chosen; the rest is filled in. */
  readonly options?: TrainOptions;
  /** Where runs are; `runs` by default. */
  readonly runsDirectory?: string;
  /** The run's name; by default made from environment, algorithm, seed and time. With `resume`, the latest run's. */
  readonly name?: string;
  /** Resumes a run that is there, from its last checkpoint that is whole, or from the start if it has none yet. */
  readonly resume?: boolean;
  /** With `resume`, the checkpoint: `last`, `best`, a number of environment steps, or a path. */
  readonly checkpoint?: string;
  /** With `resume`, see {@link TrustOptions}. */
  readonly trust?: readonly string[];
  /** Starts rollout workers even if this machine seems too small for them. */
  readonly force?: boolean;
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
 * another process trains there; CheckpointDamagedError; CheckpointMismatchError; TrainingDivergedError; RunGoneError if the
 * run's folder is deleted or moved meanwhile. What a full disk refused is in the summary's `missing`.
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
  if (request.trust !== undefined)
    throw new UsageError('--trust says what a run that is resumed may name, and this one is new. Leave it out.');
  // A module with an algorithm of one's own may register the environment, too.
  const algorithm = await loadAlgorithm(options.algorithm ?? DEFAULT_ALGORITHM);
  const ignored = unusedKeys(algorithm.kind).filter(key => options[key] !== undefined);
  if (ignored.length > 0)
    throw new UsageError(
      `${algorithmLabel(algorithm.name)} is on-policy: it has no replay buffer and does not use ${ignored.map(key => `${key} (${FLAGS[key]})`).join(', ')}. Leave that out.`,
    );
  const chosen = resolveConfig(options, algorithm.kind);
  const warnings = checkLearnable(chosen, options, algorithm);
  const envOptions = envSpec(chosen.env).completeOptions?.(chosen.envOptions) ?? chosen.envOptions;
  const demos = await identifyDemonstrations(chosen.demos);
  const config: TrainConfig = { ...chosen, envOptions, demos };
  if (name !== undefined) RunDirectory.checkNew(runsDirectory, name);
  const before = performance.now();
  const parts = await openParts(config, hooks, request);
  let unlock = () => {};
  return closeAfter(
    async () => {
      // Of an algorithm that cannot tell before its policy is made.
      if (algorithm.kind === 'on-policy')
        checkRollout(algorithm.name, (parts.policy as OnPolicy).rollout, config.steps);
      const standard = defaultRunName(config.env, algorithmLabel(config.algorithm), config.seed, new Date());
      const run =
        name === undefined
          ? RunDirectory.createUnique(runsDirectory, standard)
          : RunDirectory.create(runsDirectory, name);
      const runId = randomUUID();
      unlock = beginRun(run, runId, config);
      const start = { runId, startsOver: false, warnings };
      const session = openSession({ config, parts, run, before, wallStart, ...start }, hooks);
      return conclude(session, run, hooks);
    },
    parts,
    () => unlock(),
  );
}

/** Locks a new run and writes its configuration; if that fails, nothing is left of it. Returns what unlocks it. */
function beginRun(run: RunDirectory, id: string, config: TrainConfig): () => void {
  let unlock = () => {};
  try {
    unlock = run.lock();
    writeRunConfig(run, id, config);
    return unlock;
  } catch (error) {
    unlock();
    rmSync(run.path, { recursive: true, force: true });
    throw error;
  }
}

async function resumeRun(request: TrainRequest, hooks: TrainHooks, wallStart: number): Promise<TrainSummary> {
  const { runsDirectory = 'runs', name, options = {} } = request;
  const run = name === undefined ? RunDirectory.latest(runsDirectory) : RunDirectory.open(runsDirectory, name);
  const unlock = run.lock();
  return closeAfter(async () => {
    const stored = readRunConfig(run);
    const config = admitStored(run, resumeConfig(stored, options), request, hooks);
    checkConfirmation(config, options);
    const id = readRunId(run);
    const { from, setAside } = findResumePoint(run, { id, config: stored }, request.checkpoint);
    await checkDemonstrationsUnchanged(config.demos);
    const before = performance.now();
    const parts = await openParts(config, hooks, request);
    return closeAfter(async () => {
      const runId = id ?? randomUUID();
      const warnings: string[] = [];
      const start = { runId, startsOver: from === null, warnings };
      const session = openSession({ config, parts, run, before, wallStart, ...start }, hooks);
      if (from !== null) await session.restore(from.checkpoint, from.path);
      if (session.complete && readRunSummary(run)?.interrupted === false)
        throw new UsageError(
          `Resuming ${run.path} failed: the run is complete, at ${session.envSteps} environment steps. ` +
            'Ask for more with --steps, and where it reached its goal with another --until-success.',
        );
      warnings.push(...setAside());
      writeRunConfig(run, runId, config);
      return await conclude(session, run, hooks);
    }, parts);
  }, unlock);
}

/** Checks what only the run names, and leaves out what is never taken from a run. Throws UsageError. */
function admitStored(
  run: RunDirectory,
  config: TrainConfig,
  { options = {}, trust }: TrainRequest,
  { onEvent }: TrainHooks,
): TrainConfig {
  const named = <Key extends keyof TrainConfig & keyof TrainOptions>(key: Key) =>
    options[key] === undefined ? config[key] : undefined;
  const { simulator } = config;
  const simulatorOptions = named('simulatorOptions');
  const files = [named('keys'), ...(named('demos') ?? []).map(({ path }) => path)].filter(path => path !== undefined);
  const admitted = admit(
    { algorithm: named('algorithm'), simulator, simulatorOptions, files },
    { name: `the run ${run.path}`, folders: [run.path] },
    { ...(trust === undefined ? {} : { trust }), onNotice: message => onEvent?.({ kind: 'notice', message }) },
  );
  return simulatorOptions === undefined ? config : { ...config, simulatorOptions: admitted };
}

/** One process's parts, or those of a learner with rollout workers. */
async function openParts(
  config: TrainConfig,
  hooks: TrainHooks,
  { force = false }: TrainRequest,
): Promise<TrainingParts | WorkersParts> {
  if (!usesWorkers(config)) {
    if (force) throw new UsageError('--force is for more rollout workers than fit, and there are none. Leave it out.');
  } else if (!force) checkCapacity(config);
  await loadAlgorithm(config.algorithm);
  await checkEnvironment(config, message => hooks.onEvent?.({ kind: 'warning', message }));
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

interface Opening extends Pick<SessionOptions, 'runId' | 'startsOver' | 'warnings'> {
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

/** Trains, then writes summary and picture, and looks whether all is on disk. Throws RunGoneError. */
async function conclude(session: Session, run: RunDirectory, hooks: TrainHooks): Promise<TrainSummary> {
  const end = await session.run();
  const warnings = [...end.warnings];
  const missing = [...end.missing];
  const attempt = (path: string, write: () => void): boolean => {
    try {
      write();
      return true;
    } catch (error) {
      if (error instanceof RunGoneError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      missing.push(`${path}: ${reason}`);
      const message = `Writing ${path} failed: ${reason}`;
      warnings.push(message);
      hooks.onEvent?.({ kind: 'warning', message });
      return false;
    }
  };
  const named = { run: run.name, directory: run.path };
  const drawn = attempt(run.curvesPath, () => writeRunCurves(run));
  const curves = drawn ? run.curvesPath : null;
  const summary: TrainSummary = { ...named, ...end, curves, warnings, missing };
  attempt(run.summaryPath, () => run.writeJson(run.summaryPath, summary));
  run.checkPresent();
  for (const path of [run.configPath, summary.checkpoint])
    if (path !== null && !existsSync(path)) missing.push(`${path}: it was deleted meanwhile.`);
  return summary;
}
