import type { Engine } from './engine.ts';
import { EngineSpecError } from './errors.ts';

export interface EngineOptions {
  /** `onnx` by default on the CPU, `tfjs` on a GPU. */
  readonly backend?: 'onnx' | 'tfjs';
  /** `cpu` by default. */
  readonly device?: 'cpu' | 'gpu';
  /** Threads of each compiled program (`onnx` only); 1 by default. */
  readonly threads?: number;
}

/**
 * An engine of the backend asked for. Backends are loaded only when they are wanted: each is tens of megabytes.
 *
 * @throws EngineSpecError for options that exclude each other; BackendUnavailableError where one is not installed
 */
export async function createEngine({ backend, device = 'cpu', threads = 1 }: EngineOptions = {}): Promise<Engine> {
  const chosen = backend ?? (device === 'gpu' ? 'tfjs' : 'onnx');
  if (!Number.isInteger(threads) || threads < 1)
    throw new EngineSpecError(`Creating an engine: threads must be a positive integer, but is ${threads}.`);
  if (chosen === 'onnx') {
    if (device === 'gpu')
      throw new EngineSpecError(
        'Creating an engine: the onnx backend computes on the CPU. For a GPU, choose the tfjs backend.',
      );
    const { OnnxEngine } = await import('./onnx/engine.ts');
    return new OnnxEngine({ threads });
  }
  const { createTfjsEngine } = await import('./tfjs/engine.ts');
  return createTfjsEngine(device);
}
