import { NonFiniteLossError } from '../engine/index.ts';
import { EnvContractError } from '../envs/index.ts';
import { TrainingDivergedError } from './errors.ts';
import type { TrainingLoop } from './training-loop.ts';

/**
 * Adds to what ended a training what its user needs to find the reason: where it was, and from where it can be resumed.
 *
 * @param advice says which checkpoint is the last good one.
 */
export function explainFailure(error: unknown, learner: TrainingLoop, advice: string): unknown {
  if (error instanceof TrainingDivergedError)
    return new TrainingDivergedError(`${error.message} ${advice}`, { cause: error });
  if (error instanceof EnvContractError) return new EnvContractError(`${error.message} ${advice}`, { cause: error });
  if (!(error instanceof NonFiniteLossError)) return error;
  return new TrainingDivergedError(
    `Training stopped at environment step ${learner.envSteps}, update ${learner.updates + 1}: ${error.message}\n` +
      `The batch:\n${learner.describeBatch()}\n${advice}`,
    { cause: error },
  );
}
