import { getKernel, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import type { TraceBackend } from '../trace-backend.ts';
import { elementwise } from './elementwise.ts';
import type { TraceKernels } from './kernel.ts';
import { matmul } from './matmul.ts';
import { normalization } from './normalization.ts';
import { reductions } from './reductions.ts';
import { shapes } from './shapes.ts';

/** The recording backend's name in TF.js's registry. */
export const BACKEND_NAME = 'graspbridge-trace';

const all: TraceKernels = { ...elementwise, ...matmul, ...normalization, ...reductions, ...shapes };

/** Tells TF.js about the traced kernels, once in a process. */
export function registerTraceKernels(): void {
  // getKernel is typed as if it always found one.
  if ((getKernel('Add', BACKEND_NAME) as unknown) != null) return;
  for (const [kernelName, kernel] of Object.entries(all))
    registerKernel({
      kernelName,
      backendName: BACKEND_NAME,
      kernelFunc: ({ inputs, backend, attrs }) => {
        const tracer = backend as TraceBackend; // Kernels are looked up by this backend's name.
        const result = kernel({
          graph: tracer.graph,
          input: name => tracer.traced(inputs[name] as TensorInfo),
          inputs: () => Object.values(inputs).map(tensor => tracer.traced(tensor as TensorInfo)),
          attributes: attrs ?? {},
        });
        return 'id' in result ? tracer.tensorOf(result) : result.map(value => tracer.tensorOf(value));
      },
    });
}

/** Names of the TF.js kernels that can be traced. */
export const tracedKernels: readonly string[] = Object.keys(all);
