import { EngineSpecError } from '../errors.ts';

/** What gradients are multiplied by so that their Euclidean norm is at most `limit`; 1 where it is already. */
export function clippingFactor(gradients: Float32Array, limit: number): number {
  let sum = 0;
  for (let i = 0; i < gradients.length; i++) sum += (gradients[i] as number) ** 2;
  // PyTorch's clip_grad_norm_ adds the same 1e-6.
  return Math.min(1, limit / (Math.sqrt(sum) + 1e-6));
}

/** Throws EngineSpecError where a loss's gradient from outside is missing or of another size. */
export function checkGradient(loss: string, size: number, gradient: Float32Array | undefined): Float32Array {
  if (gradient?.length === size) return gradient;
  throw new EngineSpecError(
    `Applying gradients: the loss "${loss}" needs ${size} numbers, but got ${gradient?.length ?? 'none'}. ` +
      'Pass what computeGradients of a policy with the same networks returned.',
  );
}
