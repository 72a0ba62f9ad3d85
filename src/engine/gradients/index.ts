import { type GradConfig, getGradient, registerGradient, type Tensor, unregisterGradient } from '@tensorflow/tfjs-core';
import { arithmetic } from './arithmetic.ts';
import { elementwise } from './elementwise.ts';
import type { Gradient } from './gradient.ts';
import { reductions } from './reductions.ts';
import { multipleOutputs, shapes } from './shapes.ts';

const oneOutput: readonly Gradient[] = [...arithmetic, ...elementwise, ...reductions, ...shapes];

/** The engine's gradients, as TF.js registers them. */
const gradients: readonly GradConfig[] = [
  ...oneOutput.map(
    ({ kernel, inputs, outputs, gradient }): GradConfig => ({
      kernelName: kernel,
      ...(inputs === 'all' ? { saveAllInputs: true } : inputs ? { inputsToSave: [...inputs] } : {}),
      ...(outputs ? { outputsToSave: [true] } : {}),
      gradFunc: (dy, saved, attributes) => gradient(dy as Tensor, saved, attributes),
    }),
  ),
  ...Object.entries(multipleOutputs).map(
    ([kernelName, gradient]): GradConfig => ({
      kernelName,
      // TF.js hands the gradient of a list of one over without the list.
      gradFunc: (dys, _, attributes) => gradient(Array.isArray(dys) ? dys : [dys], attributes),
    }),
  ),
];

const own: ReadonlyMap<string, GradConfig> = new Map(gradients.map(gradient => [gradient.kernelName, gradient]));

/** Registers a gradient of a kernel in place of the one before; undefined for none. Returns the one before. */
function exchange(kernel: string, gradient: GradConfig | undefined): GradConfig | undefined {
  // getGradient is typed as if it always found one.
  const previous = getGradient(kernel) as GradConfig | undefined;
  if (previous !== undefined) unregisterGradient(kernel);
  if (gradient !== undefined) registerGradient(gradient);
  return previous;
}

/**
 * Runs synchronous TF.js code with the engine's own gradients, and then restores those that were registered before.
 *
 * tfjs-core keeps its gradients in a module that plain Node cannot load (extensionless imports), and the whole
 * `@tensorflow/tfjs` is 200 MB more. The registry belongs to the whole process: another package, such as tfjs-node, may
 * fill it before or after the engine is loaded. So the engine computes the same whatever was loaded and when, and a
 * program that uses TF.js for itself keeps its own gradients.
 *
 * @param kernels that must not have any gradient but the engine's; other kernels keep what another package registered
 */
export function withGradients<T>(compute: () => T, kernels: readonly string[] = []): T {
  const previous = new Map<string, GradConfig | undefined>();
  for (const kernel of new Set([...own.keys(), ...kernels])) previous.set(kernel, exchange(kernel, own.get(kernel)));
  try {
    return compute();
  } finally {
    for (const [kernel, gradient] of previous) exchange(kernel, gradient);
  }
}
