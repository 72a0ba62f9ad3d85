import { createSac, type Policy, type PolicyMode, SacPolicy, sacMode } from '../agents/index.ts';
import { UsageError } from '../common/errors.ts';
import { suggestion } from '../common/near-match.ts';
import type { Random } from '../common/random.ts';
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

/** An off-policy algorithm: how its policy is made, and what it wants of the transitions. */
export interface Algorithm {
  create(context: AlgorithmContext): Promise<BatchLearner>;
  /** What an exported policy computes. */
  mode(policy: Policy): Promise<PolicyMode>;
}

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  sac: {
    create: createSac,
    async mode(policy) {
      if (!(policy instanceof SacPolicy)) throw new TypeError('This policy was not made by the algorithm sac.');
      return sacMode(policy, await policy.getWeights());
    },
  },
};

export function listAlgorithms(): readonly string[] {
  return Object.keys(ALGORITHMS);
}

/** Throws UsageError naming the near match of an unknown one. */
export function findAlgorithm(name: string): Algorithm {
  const algorithm = Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name] : undefined;
  if (algorithm === undefined)
    throw new UsageError(`There is no algorithm "${name}".${suggestion(name, listAlgorithms())}`);
  return algorithm;
}
