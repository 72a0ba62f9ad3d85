import { UsageError } from '../../common/errors.ts';
import type { Random } from '../../common/random.ts';
import type { Box, Env } from '../../envs/index.ts';
import type { Algorithm, AlgorithmContext, OffPolicyAlgorithm } from '../algorithms.ts';
import type { TrainConfig } from '../config.ts';
import type { BatchLearner } from '../learner.ts';
import type { Demonstrations } from './demonstrations.ts';
import { loadTrainingDemonstrations } from './load.ts';

export interface PolicyRequest {
  readonly algorithm: OffPolicyAlgorithm;
  readonly context: AlgorithmContext;
  readonly config: TrainConfig;
  /** What is trained in. */
  readonly env: Env<Box, Box>;
  /** For the demonstrations. */
  readonly random: Random;
}

/** Throws UsageError where there are demonstrations for an algorithm that has no use for them. */
export function checkLearnsFromTransitions(algorithm: Algorithm, { demos }: Pick<TrainConfig, 'demos'>): void {
  if (algorithm.kind === 'on-policy' && demos.length > 0)
    throw new UsageError(
      `${algorithm.name} learns from rollouts of its own policy, so demonstrations are nothing to it. Choose --algo sac, or leave --demos out.`,
    );
}

/**
 * A policy, and the demonstrations it learns from; null for none. Where all of them are appended to every batch, its
 * batches are so much larger.
 *
 * @param keep is handed what must be closed, at once.
 * Throws UsageError where the policy cannot do what was asked for, and what loading demonstrations throws.
 */
export async function createWithDemonstrations(
  { algorithm, context, config, env, random }: PolicyRequest,
  keep: <T extends { close(): Promise<void> }>(thing: T) => T,
): Promise<{ readonly policy: BatchLearner; readonly demonstrations: Demonstrations | null }> {
  // Drawn from the same state, a policy made twice is the same.
  const before = context.random.getState();
  const policy = keep(await algorithm.create(context));
  const { gamma, nStep } = policy.options;
  const demonstrations = await loadTrainingDemonstrations({ config, env, gamma, nStep, random });
  if (config.pretrain > 0 && policy.cloneOnBatch === undefined)
    throw new UsageError(
      `The algorithm ${config.algorithm} cannot be pretrained: its policy has no cloneOnBatch. Leave --pretrain out.`,
    );
  const more = demonstrations?.appendedRows ?? 0;
  if (more === 0) return { policy, demonstrations };
  context.random.setState(before);
  const options = { ...context.options, batchSize: policy.batch.size + more };
  return { policy: keep(await algorithm.create({ ...context, options })), demonstrations };
}
