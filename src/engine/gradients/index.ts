import { getGradient, registerGradient, type Tensor } from '@tensorflow/tfjs-core';
import { arithmetic } from './arithmetic.ts';
import { elementwise } from './elementwise.ts';
import type { Gradient } from './gradient.ts';
import { reductions } from './reductions.ts';
import { multipleOutputs, shapes } from './shapes.ts';

const all: readonly Gradient[] = [...arithmetic, ...elementwise, ...reductions, ...shapes];

/**
 * Makes TF.js's autodiff work on top of tfjs-core alone.
 *
 * tfjs-core keeps its gradients in a module that plain Node cannot load (extensionless imports), and the whole
 * `@tensorflow/tfjs` is 200 MB more. A gradient that is registered already, such as by tfjs-node, stays.
 */
export function registerGradients(): void {
  for (const { kernel, inputs, outputs, gradient } of all) {
    // getGradient is typed as if it always found one.
    if ((getGradient(kernel) as unknown) != null) continue;
    registerGradient({
      kernelName: kernel,
      ...(inputs === 'all' ? { saveAllInputs: true } : inputs ? { inputsToSave: [...inputs] } : {}),
      ...(outputs ? { outputsToSave: [true] } : {}),
      gradFunc: (dy, saved, attributes) => gradient(dy as Tensor, saved, attributes),
    });
  }
  for (const [kernelName, gradFunc] of Object.entries(multipleOutputs)) {
    if ((getGradient(kernelName) as unknown) != null) continue;
    registerGradient({
      kernelName,
      // TF.js hands the gradient of a list of one over without the list.
      gradFunc: (dys, _, attributes) => gradFunc(Array.isArray(dys) ? dys : [dys], attributes),
    });
  }
}
