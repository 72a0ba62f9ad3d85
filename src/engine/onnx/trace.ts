import * as tf from '@tensorflow/tfjs-core';
import { UnsupportedOperationError } from '../errors.ts';
import { withGradients } from '../gradients/index.ts';
import { Graph, type Value } from './graph.ts';
import { BACKEND_NAME, registerTraceKernels, tracedKernels } from './kernels/index.ts';
import { TraceBackend } from './trace-backend.ts';

/** What a traced function sees: tensors for values of the graph, and the way back. */
export interface Tracer {
  readonly graph: Graph;
  tensorOf(value: Value): tf.Tensor;
  valueOf(tensor: tf.Tensor): Value;
}

/**
 * Runs `record` with TF.js switched to the recording backend and returns what it returns.
 *
 * TF.js's own backend is put back afterwards, whatever happens: a program that uses TF.js for something else goes on
 * undisturbed. `record` must be synchronous and return no tensors, which are all disposed.
 *
 * @param doing what is being traced, for error messages
 * @throws UnsupportedOperationError where an operation has no traced kernel or no gradient
 */
export function trace<T>(doing: string, record: (tracer: Tracer) => T): T {
  registerTraceKernels();
  const backend = new TraceBackend(new Graph());
  const engine = tf.engine();
  const previous = engine.backendName as string | null | undefined; // None before the first use, whatever its type says.
  // Below every real backend: TF.js must never choose it by itself.
  tf.registerBackend(BACKEND_NAME, () => backend, -1);
  try {
    // Returns a promise, but switches at once where the backend's factory is synchronous.
    void tf.setBackend(BACKEND_NAME);
    engine.startScope('trace');
    try {
      const tracer: Tracer = {
        graph: backend.graph,
        tensorOf: value => engine.makeTensorFromTensorInfo(backend.tensorOf(value)),
        valueOf: tensor => backend.traced(tensor),
      };
      return withGradients(() => record(tracer), tracedKernels);
    } finally {
      engine.endScope();
    }
  } catch (error) {
    throw describe(error, doing);
  } finally {
    if (previous != null) void tf.setBackend(previous);
    tf.removeBackend(BACKEND_NAME);
  }
}

/** TF.js says what it misses only in an error's text. */
function describe(error: unknown, doing: string): unknown {
  if (!(error instanceof Error)) return error;
  const kernel = /[Kk]ernel '(\w+)' (?:for|not registered for) backend/.exec(error.message)?.[1];
  if (kernel)
    return new UnsupportedOperationError(
      kernel,
      doing,
      'Write it with other operations, or add a kernel for it to the tracer.',
      { cause: error },
    );
  const gradient = /gradient function not found for (\w+)/.exec(error.message)?.[1];
  if (gradient)
    return new UnsupportedOperationError(
      gradient,
      doing,
      'It has no gradient here: write it with other operations, or wrap it in tf.customGrad.',
      { cause: error },
    );
  return error;
}
