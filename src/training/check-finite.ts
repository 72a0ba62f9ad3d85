import { TrainingDivergedError } from './errors.ts';

/** Throws TrainingDivergedError where a step returned what is not finite; `step` says which one it was. */
export function checkFinite(
  { observation, reward }: { readonly observation: Float32Array; readonly reward: number },
  step: string,
): void {
  if (Number.isFinite(reward) && observation.every(Number.isFinite)) return;
  const index = observation.findIndex(value => !Number.isFinite(value));
  throw new TrainingDivergedError(
    `${step} returned ${index < 0 ? `the reward ${reward}` : `${observation[index]} as number ${index} of its observation`}. ` +
      'Training stopped before it was learned from; the environment must end such an episode itself.',
  );
}
