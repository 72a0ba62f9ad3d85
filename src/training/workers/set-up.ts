import { randomBytes } from 'node:crypto';
import type { OnPolicy, OnPolicyAlgorithm } from '../../agents/index.ts';
import { isScarce } from '../../bridge/index.ts';
import { closeAll, closeAndThrow, closeTogether } from '../../common/close-all.ts';
import { UsageError } from '../../common/errors.ts';
import type { Random } from '../../common/random.ts';
import { createEngine, type Engine } from '../../engine/index.ts';
import { type Box, type Env, flatSize, type Space } from '../../envs/index.ts';
import { loadAlgorithm } from '../algorithms.ts';
import { type BusKeys, type Job, readKeys } from '../bus/index.ts';
import type { TrainConfig } from '../config.ts';
import { createReplay } from '../create-replay.ts';
import { checkLearnsFromTransitions, createWithDemonstrations } from '../demonstrations/index.ts';
import { actionSpec } from '../env-actions.ts';
import { LimitedWarnings } from '../limited-warnings.ts';
import { OpenThings } from '../open-things.ts';
import { describeSimulator, openAnyEnv, openEnv, type TrainingParts } from '../setup.ts';
import { randomStreams } from '../streams.ts';
import { EvaluationProcess } from './evaluation-process.ts';
import { type Departure, WorkerHub, type WorkerInfo } from './hub.ts';
import { InvalidWork } from './invalid-work.ts';
import { transitionLayout } from './layout.ts';
import { LocalWorkers } from './local-workers.ts';
import { checkExperienceFits } from './message-sizes.ts';
import { rolloutLayout } from './rollout-columns.ts';
import { RolloutLoop } from './rollout-loop.ts';
import { WorkerLoop } from './worker-loop.ts';

export interface WorkersHooks {
  readonly signal?: AbortSignal | undefined;
  readonly onWarning: (message: string) => void;
  /** More arguments for Node in every process that is started. */
  readonly execArgv?: readonly string[];
}

/** A learner and its workers, without anybody who evaluates. */
export interface LearnerParts extends TrainingParts {
  readonly hub: WorkerHub;
  /** Where workers from elsewhere connect to. */
  readonly address: string;
}

/** Parts of a training with rollout workers. */
export interface WorkersParts extends LearnerParts {
  readonly evaluations: EvaluationProcess;
}

/** Environment steps that all workers together may be ahead of the learner; the fresher, the better they learn. */
const LEAD = 64;
/** Steps in a message, at most: more save little. */
const CHUNK = 16;
/** Bytes a worker may hold that no checkpoint has yet. */
const RETAIN = 64 << 20;
/** Between two beats, and how long either side may be silent, ms. */
const BEAT = 1_000;
const DEADLINE = 10_000;

/**
 * Makes the parts of a training whose experience comes from worker processes. They start while this process prepares
 * itself.
 *
 * Throws UsageError where a name or an option is unknown, BusAddressError, BusKeysError.
 */
export async function setUpWithWorkers(config: TrainConfig, hooks: WorkersHooks): Promise<WorkersParts> {
  const parts = await setUpLearner(config, hooks);
  const evaluations = new EvaluationProcess(config, parts.seeds, hooks);
  const close = () => closeTogether([evaluations, parts]);
  return { ...parts, evaluations, close };
}

/** The same without an evaluation process. */
export async function setUpLearner(config: TrainConfig, hooks: WorkersHooks): Promise<LearnerParts> {
  checkSimulators(config);
  const algorithm = await loadAlgorithm(config.algorithm);
  checkLearnsFromTransitions(algorithm, config);
  const { policyRandom, learnerRandom, seeds, demonstrationsRandom } = randomStreams(config.seed);
  const { keep, close } = new OpenThings();
  // What workers do before there is a loop to tell is kept for it.
  let loop: WorkerLoop | RolloutLoop | null = null;
  let failure: Error | null = null;
  const fail = (error: Error) => {
    failure = error;
    loop?.fail(error);
  };
  try {
    const keys = config.keys === undefined ? undefined : readKeys(config.keys, 'learner');
    const secret = secretFor(config, keys);
    // Rollouts are shared out as the policy wants them; who learns from transitions can let workers start at once.
    const rollouts = algorithm.kind === 'on-policy' ? await openOnPolicy(config, algorithm, policyRandom, keep) : null;
    const job = jobOf(config, rollouts?.envsPerWorker ?? config.envsPerWorker);
    const locals: { current: LocalWorkers | null } = { current: null };
    const invalid = new InvalidWork();
    // How many there are is up to the workers.
    const warnings = new LimitedWarnings(hooks.onWarning);
    const hub = await WorkerHub.open({
      ...(config.listen === undefined ? {} : { address: config.listen }),
      ...(keys === undefined ? {} : { keys }),
      ...{ secret, job, seed: config.seed, retain: RETAIN, beat: BEAT, deadline: DEADLINE },
      ...(rollouts?.flow ?? flow(config)),
      onWarning: hooks.onWarning,
      onLost: (worker, how, text) => {
        const own = locals.current?.has(worker.name) ? locals.current : null;
        const message = own === null || how === 'failed' ? describeLoss(worker, how, text) : null;
        if (message !== null) warnings.add(how, message);
        if (how === 'silent') own?.kill(worker.name, `was silent for ${DEADLINE / 1000} s and was ended`);
        if (how === 'expelled') own?.kill(worker.name, `was expelled: ${text.replace(/\.$/, '')}`);
        if (own === null || (how !== 'expelled' && how !== 'diverged')) return;
        const error = invalid.add(loop?.envSteps ?? 0, text);
        if (error !== null) fail(error);
      },
    });
    if (config.workers > 0)
      locals.current = new LocalWorkers({
        ...{ count: config.workers, address: hub.addresses.localAddress, secret, job },
        ...(hooks.execArgv === undefined ? {} : { execArgv: hooks.execArgv }),
        signal: hooks.signal,
        onWarning: message => warnings.add('replaced', message),
        onEnded: worker => hub.forget(worker),
        onFailure: fail,
      });
    // The hub says goodbye first, so that workers leave by themselves.
    keep({ close: () => closeAll(hub, locals.current) });
    if (rollouts !== null) {
      const { env, engine, policy } = rollouts;
      const onWork = (worker: string) => locals.current?.markWorking(worker);
      loop = new RolloutLoop({ hub, policy, spaces: env, totalSteps: config.steps, signal: hooks.signal, onWork });
      if (failure !== null) loop.fail(failure);
      const simulator = describeSimulator(env);
      const { address } = hub.addresses;
      return { evaluationEnv: env, engine, policy, learner: loop, hub, seeds, simulator, address, close };
    }
    if (algorithm.kind !== 'off-policy') throw new TypeError('There are two kinds of algorithms.');
    const env = keep(await openEnv(config));
    const { backend, device, threads } = config;
    const engine = keep(await createEngine({ backend, device, threads }));
    const sizes = { observationSize: flatSize(env.observationSpace), actionSize: flatSize(env.actionSpace) };
    checkExperienceFits(flow(config).window, transitionLayout(sizes));
    const context = { ...sizes, engine, random: policyRandom, options: config.agentOptions };
    const { policy, demonstrations } = await createWithDemonstrations(
      { algorithm, context, config, env, random: demonstrationsRandom },
      keep,
    );
    const replay = createReplay(sizes, config.bufferCapacity);
    demonstrations?.preload(replay, sizes);
    const { randomSteps, updatesPerStep } = config;
    loop = new WorkerLoop({
      ...{ hub, policy, replay, demonstrations, random: learnerRandom, randomSteps, updatesPerStep, spaces: env },
      signal: hooks.signal,
      onWork: worker => locals.current?.markWorking(worker),
    });
    if (failure !== null) loop.fail(failure);
    const simulator = describeSimulator(env);
    const { address } = hub.addresses;
    const parts = { evaluationEnv: env, engine, policy, learner: loop, hub, seeds, simulator, address, close };
    return { ...parts, demonstrations };
  } catch (error) {
    return closeAndThrow(error, close);
  }
}

/** Throws UsageError where all processes would be sent to one simulator. */
function checkSimulators({ simulator, simulatorOptions }: TrainConfig): void {
  if (isScarce(simulator) && simulatorOptions.address !== undefined)
    throw new UsageError(
      `Rollout workers need a simulator each, and --address names one for all (${simulatorOptions.address}). ` +
        'Leave it out, so that each worker starts its own; or train with --workers 0.',
    );
}

/** With keys the secret that comes with them; for this machine's own workers one that nobody else knows. */
function secretFor({ listen }: TrainConfig, keys: BusKeys | undefined): string {
  if (keys !== undefined) return keys.secret;
  return listen === undefined ? randomBytes(24).toString('base64url') : '';
}

function jobOf(config: TrainConfig, envs: number): Job {
  const { env, envOptions, simulator, simulatorOptions, algorithm, agentOptions, backend, maxEpisodeSteps } = config;
  return {
    ...{ env, envOptions, simulator, simulatorOptions, algorithm, agentOptions, backend, maxEpisodeSteps },
    envs,
  };
}

interface OpenedOnPolicy {
  readonly env: Env<Box, Space>;
  readonly engine: Engine;
  readonly policy: OnPolicy;
  readonly envsPerWorker: number;
  readonly flow: { readonly chunk: number; readonly window: number };
}

/** An on-policy learner's policy, and each worker's share of its environments and rollouts. */
async function openOnPolicy(
  config: TrainConfig,
  algorithm: OnPolicyAlgorithm,
  random: Random,
  keep: <T extends { close(): Promise<void> }>(thing: T) => T,
): Promise<OpenedOnPolicy> {
  const { backend, device, threads } = config;
  const env = keep(await openAnyEnv(config));
  const engine = keep(await createEngine({ backend, device, threads }));
  const observationSize = flatSize(env.observationSpace);
  const actions = actionSpec(env.actionSpace);
  const policy = keep(
    await algorithm.create({ observationSize, actions, engine, random, options: config.agentOptions }),
  );
  const { timestepsPerBatch, environments } = policy.rollout;
  const workers = Math.max(1, config.workers);
  const envsPerWorker = Math.max(config.envsPerWorker, Math.ceil(environments / workers));
  const chunk = Math.ceil(timestepsPerBatch / workers);
  // Room for a rollout that is longer than its share by what episodes were under way.
  const window = 2 * chunk + envsPerWorker * (1 + config.maxEpisodeSteps);
  const { completeEpisodes, maxTimestepsPerEpisode = Infinity } = policy.rollout;
  const longest = Math.min(config.maxEpisodeSteps, maxTimestepsPerEpisode);
  checkExperienceFits(chunk + envsPerWorker * (completeEpisodes ? longest : 1), await rolloutLayout(policy));
  return { env, engine, policy, envsPerWorker, flow: { chunk, window } };
}

/** Steps in a message and under way from each worker: small enough that all together stay close to the learner. */
function flow({ workers, envsPerWorker }: TrainConfig): { readonly chunk: number; readonly window: number } {
  const share = Math.floor(LEAD / (2 * Math.max(1, workers)));
  const chunk = Math.max(envsPerWorker, Math.min(CHUNK, Math.max(2, share)));
  // One message is learned from while the next is gathered.
  return { chunk, window: 2 * chunk + envsPerWorker - 1 };
}

function describeLoss({ index, host, pid }: WorkerInfo, how: Departure, text: string): string | null {
  const who = `Rollout worker ${index} (process ${pid} on ${host})`;
  if (how === 'failed') return `${who} failed: ${text}`;
  if (how === 'diverged') return `${who} stopped: ${text}`;
  if (how === 'expelled') return `${who} was expelled: ${text} Training continues without it.`;
  if (how === 'silent') return `${who} is silent. Training goes on without it; it is welcome when it comes back.`;
  return null;
}
