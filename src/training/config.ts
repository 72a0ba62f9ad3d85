import { resolve } from 'node:path';
import * as z from 'zod';
import { checkSimulatorOptions } from '../bridge/index.ts';
import { UsageError } from '../common/errors.ts';
import { parseOptions } from '../common/options.ts';
import { type Algorithm, DEFAULT_ALGORITHM, listAlgorithms, registeredAlgorithm } from './algorithms.ts';
import { DEMO_MODES, type DemonstrationsConfig } from './demonstrations/options.ts';
import { findPreset } from './presets.ts';

const record = z.record(z.string(), z.unknown());
const count = z.int().positive();
const countOrNone = z.int().min(0);

/** More threads than any machine has processors; each takes memory. */
const MAX_THREADS = 1024;

/** Bytes. */
const DEMO_CACHE = 256 << 20;

const schema = z.strictObject({
  env: z.string().default('SawyerGrasp-v1'),
  envOptions: record.default({}),
  simulator: z.string().default('mujoco'),
  simulatorOptions: record.default({}),
  algorithm: z.string().default(DEFAULT_ALGORITHM),
  agentOptions: record.default({}),
  preset: z.string().default('default'),
  backend: z.enum(['onnx', 'tfjs']).default('onnx'),
  device: z.enum(['cpu', 'gpu']).optional(),
  threads: count.max(MAX_THREADS).default(1),
  seed: z.int().min(0).default(1),
  steps: count.optional(),
  untilSuccess: z.number().min(0).max(1).optional(),
  evalEvery: count.optional(),
  evalEpisodes: count.optional(),
  confirmEpisodes: countOrNone.optional(),
  finalEpisodes: countOrNone.optional(),
  checkpointEvery: count.optional(),
  keepCheckpoints: count.default(2),
  logEvery: count.default(250),
  bufferCapacity: count.optional(),
  randomSteps: countOrNone.optional(),
  updatesPerStep: z.number().positive().max(100).optional(),
  maxEpisodeSteps: count.default(1000),
  workers: countOrNone.max(1024).default(0),
  envsPerWorker: count.max(4096).default(1),
  listen: z.string().optional(),
  keys: z
    .string()
    .transform(path => resolve(path))
    .optional(),
  demos: z
    .array(
      z.union([
        z.string().transform(path => ({ path: resolve(path), sha256: null })),
        z.strictObject({ path: z.string(), sha256: z.string().nullable() }),
      ]),
    )
    .readonly()
    .default([]),
  demoSplit: z.string().optional(),
  demoObservationKeys: z.array(z.string()).min(1).readonly().optional(),
  demoMode: z.enum(DEMO_MODES).default('mix'),
  demoWeights: z.array(z.number()).readonly().optional(),
  pretrain: countOrNone.default(0),
  demoResets: z.number().min(0).max(1).default(0),
  demoCache: count.default(DEMO_CACHE),
});

/** Options of a training, all of them optional; {@link TrainConfig} describes them. */
export type TrainOptions = z.input<typeof schema>;

/** All that a training depends on, complete; a run's `config.json`. */
export interface TrainConfig extends DemonstrationsConfig {
  /** Environment's id in the registry. */
  readonly env: string;
  readonly envOptions: Readonly<Record<string, unknown>>;
  readonly simulator: string;
  /** Where that simulator is, and what it is started with; nothing for the embedded one. */
  readonly simulatorOptions: Readonly<Record<string, unknown>>;
  readonly algorithm: string;
  readonly agentOptions: Readonly<Record<string, unknown>>;
  readonly preset: string;
  readonly backend: 'onnx' | 'tfjs';
  readonly device: 'cpu' | 'gpu';
  readonly threads: number;
  readonly seed: number;
  /** Training ends with the first episode that ends at or after so many environment steps … */
  readonly steps: number;
  /** … or when two evaluations in a row, on different episodes, have this success rate; 0: never for that reason. */
  readonly untilSuccess: number;
  /** Environment steps between evaluations. */
  readonly evalEvery: number;
  readonly evalEpisodes: number;
  /** Episodes of the evaluation that must confirm one that reached the goal; 0: none. */
  readonly confirmEpisodes: number;
  /** Episodes of the evaluation after training; 0: none. */
  readonly finalEpisodes: number;
  /** Environment steps between checkpoints. */
  readonly checkpointEvery: number;
  /** How many of the last checkpoints stay, beside the best. */
  readonly keepCheckpoints: number;
  /** Environment steps between lines in the metrics. */
  readonly logEvery: number;
  /** Transitions. */
  readonly bufferCapacity: number;
  /** Environment steps with random actions at the beginning. */
  readonly randomSteps: number;
  /** Update-to-data ratio. */
  readonly updatesPerStep: number;
  /** Where an episode is cut that the environment does not end. */
  readonly maxEpisodeSteps: number;
  /** Rollout workers on this machine, each a process; 0: all in one process, unless there is `listen`. */
  readonly workers: number;
  /** Environments that each worker steps together. */
  readonly envsPerWorker: number;
  /** Where workers from elsewhere may join, such as tcp://0.0.0.0:5555. */
  readonly listen?: string | undefined;
  /** The file with the learner's keys, which joining from another machine takes. */
  readonly keys?: string | undefined;
}

/**
 * Checks the given options and completes them with the preset's values for the environment and the algorithm.
 *
 * @param kind of the algorithm: by default that of the registered one. An algorithm in a module is loaded first.
 * Throws UsageError naming what is unknown or wrong, and the near match.
 */
export function resolveConfig(given: TrainOptions, kind?: Algorithm['kind']): TrainConfig {
  const options = parseOptions(schema, given, 'train');
  checkSimulatorOptions(options.simulator, options.simulatorOptions);
  checkWorkersConfig(options);
  checkDemonstrationsConfig(options);
  const preset = findPreset({ ...options, kind: kind ?? registeredAlgorithm(options.algorithm).kind });
  const { training } = preset;
  return {
    ...options,
    device: options.device ?? 'cpu',
    envOptions: { ...preset.envOptions, ...options.envOptions },
    agentOptions: { ...preset.agentOptions, ...options.agentOptions },
    steps: options.steps ?? training.steps,
    untilSuccess: options.untilSuccess ?? training.untilSuccess,
    evalEvery: options.evalEvery ?? training.evalEvery,
    evalEpisodes: options.evalEpisodes ?? training.evalEpisodes,
    confirmEpisodes: options.confirmEpisodes ?? training.confirmEpisodes,
    finalEpisodes: options.finalEpisodes ?? training.finalEpisodes,
    checkpointEvery: options.checkpointEvery ?? training.checkpointEvery,
    bufferCapacity: options.bufferCapacity ?? training.bufferCapacity,
    randomSteps: options.randomSteps ?? training.randomSteps,
    updatesPerStep: options.updatesPerStep ?? training.updatesPerStep,
  };
}

/** Checks a configuration that is complete, also one of an algorithm that is not known here. Throws UsageError. */
export function completeConfig(stored: TrainOptions): TrainConfig {
  const { algorithm } = stored;
  // No default is left to be filled in, so the kind does not matter.
  const known = algorithm !== undefined && listAlgorithms().includes(algorithm);
  return resolveConfig(stored, known ? registeredAlgorithm(algorithm).kind : 'on-policy');
}

/** Throws UsageError where something is said of workers that there are none of. */
function checkWorkersConfig(options: z.output<typeof schema>): void {
  const { envsPerWorker, keys, listen } = options;
  if (keys !== undefined && listen === undefined)
    throw new UsageError(
      '--keys is for workers that join from other machines, and nothing listens for them. Say where with --listen tcp://0.0.0.0:5555.',
    );
  if (envsPerWorker > 1 && !usesWorkers(options))
    throw new UsageError(
      `--envs-per-worker ${envsPerWorker} needs rollout workers. Ask for some with --workers, or leave it out.`,
    );
}

/** Throws UsageError where demonstrations are to be used in a way that needs some, or that does not go with the rest. */
function checkDemonstrationsConfig(options: z.output<typeof schema>): void {
  const { demos, demoSplit, demoObservationKeys, demoMode, demoWeights, pretrain, demoResets, demoCache } = options;
  if (demoResets > 0 && usesWorkers(options))
    throw new UsageError(
      'Rollout workers have no demonstrations to start episodes in. Leave --demo-resets out, or use --workers 0.',
    );
  if (demos.length > 0) return;
  const asked = [
    demoSplit === undefined ? null : '--split',
    demoObservationKeys === undefined ? null : '--obs-keys',
    demoMode === 'mix' ? null : '--demo-mode',
    demoWeights === undefined ? null : '--demo-weights',
    pretrain === 0 ? null : '--pretrain',
    demoResets === 0 ? null : '--demo-resets',
    demoCache === DEMO_CACHE ? null : '--demo-cache',
  ].find(option => option !== null);
  if (asked !== undefined)
    throw new UsageError(`${asked} says how demonstrations are used, but there are none. Name some with --demos.`);
}

/** What a run that goes on may change: how long it lasts, what is watched on the way, and where its simulator is. */
const CHANGEABLE: ReadonlySet<string> = new Set([
  'simulatorOptions',
  'steps',
  'untilSuccess',
  'evalEvery',
  'evalEpisodes',
  'confirmEpisodes',
  'finalEpisodes',
  'checkpointEvery',
  'keepCheckpoints',
  'logEvery',
  'workers',
  'envsPerWorker',
  'listen',
  'keys',
]);

/** What a run keeps for all its life, as plain data; of its demonstrations, what is in them and not where they are. */
export function fixedPart({ demos, ...config }: TrainConfig): Readonly<Record<string, unknown>> {
  const entries = Object.entries(config).filter(([key, value]) => !CHANGEABLE.has(key) && value !== undefined);
  return JSON.parse(JSON.stringify({ ...Object.fromEntries(entries), demos: demos.map(({ sha256 }) => sha256) }));
}

/**
 * The configuration of a run that is continued: its own, and what of `given` may still change.
 *
 * Throws UsageError where `given` asks for anything else to be different.
 */
export function resumeConfig(stored: TrainConfig, given: TrainOptions): TrainConfig {
  const changes: Record<string, unknown> = {};
  const { demos, ...others } = given;
  if (demos !== undefined) changes.demos = movedDemonstrations(stored, demos);
  for (const [key, value] of Object.entries(others)) {
    if (value === undefined) continue;
    const before = stored[key as keyof TrainConfig]; // An unknown key is found undefined, and refused below.
    if (CHANGEABLE.has(key)) changes[key] = value;
    else if (!isPart(value, before))
      throw new UsageError(
        `A run that is resumed keeps its ${key}: it is ${JSON.stringify(before)}, not ${JSON.stringify(value)}. Leave it out, or start a new run.`,
      );
  }
  const changed = completeConfig({ ...stored, ...changes });
  if (usesWorkers(changed) !== usesWorkers(stored))
    throw new UsageError(
      usesWorkers(stored)
        ? 'A run with rollout workers is resumed with some: leave --workers out, or give another number than 0.'
        : 'A run of one process is resumed in one: leave --workers out, or start a new run.',
    );
  return changed;
}

/** The run's demonstrations where they are now: their content must be the same, which is checked when they are read. */
function movedDemonstrations(stored: TrainConfig, given: NonNullable<TrainOptions['demos']>): TrainConfig['demos'] {
  if (given.length !== stored.demos.length)
    throw new UsageError(
      `A run that is resumed keeps its demonstrations: it has ${stored.demos.length} files of them, not ${given.length}. Leave --demos out, or start a new run.`,
    );
  return stored.demos.map(({ sha256 }, i) => {
    const file = given[i] as (typeof given)[number]; // There are as many.
    return { path: resolve(typeof file === 'string' ? file : file.path), sha256 };
  });
}

/** Whether a training has rollout workers, here or elsewhere. */
export function usesWorkers({ workers, listen }: Pick<TrainConfig, 'workers' | 'listen'>): boolean {
  return workers > 0 || listen !== undefined;
}

/** Whether all that is asked for is so already. */
function isPart(asked: unknown, stored: unknown): boolean {
  if (typeof asked !== 'object' || asked === null || typeof stored !== 'object' || stored === null)
    return Object.is(asked, stored);
  return Object.entries(asked).every(([key, value]) => isPart(value, (stored as Record<string, unknown>)[key]));
}
