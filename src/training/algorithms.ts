import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createSac, type OnPolicyAlgorithm, ppo, resolveSacOptions } from '../agents/index.ts';
import { UsageError } from '../common/errors.ts';
import { suggestion } from '../common/near-match.ts';
import type { Random } from '../common/random.ts';
import { checkRegularFile } from '../common/regular-file.ts';
import type { Engine } from '../engine/index.ts';
import type { BatchLearner } from './learner.ts';

export interface AlgorithmContext {
  readonly observationSize: number;
  readonly actionSize: number;
  readonly engine: Engine;
  readonly random: Random;
  /** Checked by the algorithm itself. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** An algorithm that learns from transitions in a replay buffer: how its policy is made. Its actions are normalized. */
export interface OffPolicyAlgorithm {
  readonly kind: 'off-policy';
  readonly name: string;
  create(context: AlgorithmContext): Promise<BatchLearner>;
  /** Transitions in a batch of a policy with such options, for checks before one is made. Throws UsageError. */
  batchOf?(options: unknown): number;
}

export type Algorithm = OffPolicyAlgorithm | OnPolicyAlgorithm;

export const DEFAULT_ALGORITHM = 'sac';

const algorithms = new Map<string, Algorithm>([
  // The batch does not depend on the number of actions.
  [
    'sac',
    { kind: 'off-policy', name: 'sac', create: createSac, batchOf: given => resolveSacOptions(given, 1).batchSize },
  ],
  ['ppo', ppo],
]);

/**
 * Adds an algorithm of one's own under a name, for `train({ options: { algorithm: name } })`. A module that `--policy`
 * names has its algorithm as its default export instead, and registers nothing.
 *
 * Throws UsageError where the name is taken.
 */
export function registerPolicy(name: string, algorithm: Algorithm): void {
  if (algorithms.has(name)) throw new UsageError(`An algorithm "${name}" is registered already.`);
  algorithms.set(name, algorithm);
}

export function listAlgorithms(): readonly string[] {
  return [...algorithms.keys()];
}

/** Whether an algorithm's name is the path of a module. */
export function isPolicyModule(name: string): boolean {
  return /[\\/]|\.[cm]?[jt]s$/.test(name);
}

/** A short name for an algorithm, without the folders of a module. */
export function algorithmLabel(name: string): string {
  return isPolicyModule(name) ? basename(name).replace(/\.[cm]?[jt]s$/, '') : name;
}

/**
 * The algorithm of a name, or that a module exports as its default. It runs the module: a name that comes from data must
 * have passed `admit` (`trust.ts`).
 *
 * Throws UsageError naming the near match of an unknown one, or what is wrong with the module.
 */
export async function loadAlgorithm(name: string): Promise<Algorithm> {
  if (!isPolicyModule(name)) return registeredAlgorithm(name);
  const path = resolve(name);
  let module: { readonly default?: unknown };
  try {
    checkRegularFile(path);
    module = (await import(pathToFileURL(path).href)) as typeof module; // Any module's exports, looked at below.
  } catch (error) {
    throw new UsageError(`Loading the policy ${path} failed: ${explain(error, path)}`, { cause: error });
  }
  if (isAlgorithm(module.default)) return module.default;
  throw new UsageError(
    `The policy ${path} has no algorithm as its default export. Export what buildPolicy returns, or an object ` +
      `{ kind: 'on-policy' or 'off-policy', name, create }.`,
  );
}

/** The off-policy algorithm of a name. Throws UsageError where there is none. */
export function findAlgorithm(name: string): OffPolicyAlgorithm {
  const algorithm = registeredAlgorithm(name);
  if (algorithm.kind === 'off-policy') return algorithm;
  throw new UsageError(`The algorithm "${name}" learns from whole rollouts, where one with a replay buffer is needed.`);
}

/** Returns a registered algorithm. Throws UsageError naming the near match of an unknown one. */
export function registeredAlgorithm(name: string): Algorithm {
  const algorithm = algorithms.get(name);
  if (algorithm !== undefined) return algorithm;
  throw new UsageError(
    `There is no algorithm "${name}".${suggestion(name, listAlgorithms())} An algorithm of your own is a module: --policy ./my-policy.ts.`,
  );
}

function isAlgorithm(value: unknown): value is Algorithm {
  const { kind, name, create } = (value ?? {}) as Readonly<Record<string, unknown>>; // Checked field by field.
  return (kind === 'on-policy' || kind === 'off-policy') && typeof name === 'string' && typeof create === 'function';
}

function explain(error: unknown, path: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return (
      'this Node runs no TypeScript by itself. Start it with tsx (`node --import tsx node_modules/.bin/graspbridge …` ' +
      'after `npm install tsx`), use Node 22.18 or later, or compile the file to .js.'
    );
  if (code === 'ERR_MODULE_NOT_FOUND' && error instanceof Error && error.message.includes(path))
    return 'there is no such file.';
  return error instanceof Error ? error.message : String(error);
}
