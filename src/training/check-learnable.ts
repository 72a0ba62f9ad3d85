import type { RolloutSpec } from '../agents/index.ts';
import { UsageError } from '../common/errors.ts';
import type { Algorithm } from './algorithms.ts';
import type { TrainConfig, TrainOptions } from './config.ts';

/**
 * Checks before anything is opened whether a new training can learn and be evaluated at all.
 *
 * Returns what is allowed, such as for a try, but learns nothing. Throws UsageError with the numbers that do not go
 * together.
 */
export function checkLearnable(config: TrainConfig, given: TrainOptions, algorithm: Algorithm): string[] {
  const { steps, evalEvery, agentOptions } = config;
  if ((given.untilSuccess ?? 0) > 0 && evalEvery > steps)
    throw new UsageError(
      `--until-success ${given.untilSuccess} is never checked: evaluations are ${evalEvery} steps apart, and the training has ${steps}. ` +
        'Ask for more --steps, or a smaller --eval-every.',
    );
  checkConfirmation(config, given);
  if (algorithm.kind === 'off-policy') return checkReplay(config, algorithm.batchOf?.(agentOptions) ?? 1);
  const rollout = algorithm.rolloutOf?.(agentOptions);
  if (rollout !== undefined) checkRollout(algorithm.name, rollout, steps);
  return [];
}

/** Throws UsageError if episodes are given for confirming a success rate that does not end the training. */
export function checkConfirmation({ untilSuccess }: TrainConfig, { confirmEpisodes = 0 }: TrainOptions): void {
  if (untilSuccess > 0 || confirmEpisodes === 0) return;
  throw new UsageError(
    `--confirm-episodes ${confirmEpisodes} is never used: it confirms the success rate of --until-success, which is 0. ` +
      'Leave it out, or give a rate.',
  );
}

/** Throws UsageError if fewer steps are trained than one rollout has, after which an on-policy algorithm learns first. */
export function checkRollout(name: string, rollout: RolloutSpec, steps: number): void {
  const { timestepsPerBatch, environments } = rollout;
  if (steps >= timestepsPerBatch) return;
  const share =
    environments === 1
      ? ''
      : ` (${environments} environments, ${Math.ceil(timestepsPerBatch / environments)} steps each)`;
  throw new UsageError(
    `${name} would learn nothing: it learns from rollouts of ${timestepsPerBatch} steps${share}, and the training has ${steps} steps. ` +
      `Ask for at least ${timestepsPerBatch} steps, or set the option timestepsPerBatch to ${steps} or less.`,
  );
}

function checkReplay(
  { steps, randomSteps, updatesPerStep, bufferCapacity, pretrain, algorithm }: TrainConfig,
  batchSize: number,
): string[] {
  if (bufferCapacity < batchSize)
    throw new UsageError(
      `The replay buffer holds ${bufferCapacity} transitions, fewer than the batch of ${batchSize} that ${algorithm} learns from. ` +
        'Ask for a larger --buffer-capacity, or a smaller --agent-option batchSize=….',
    );
  const updates = Math.floor(Math.max(0, steps - randomSteps) * updatesPerStep);
  if (updates >= 1 || pretrain > 0) return [];
  return [
    `Nothing is learned in ${steps} steps: the first ${randomSteps} have random actions and no updates, and there are ${updatesPerStep} updates per step after them. ` +
      'Ask for more --steps or fewer --random-steps.',
  ];
}
