import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { BackendUnavailableError } from '../errors.ts';

/** A TF.js backend that is installed and works. */
export interface TfjsBackend {
  /** TF.js's name for it. */
  readonly name: string;
  /** For people. */
  readonly description: string;
}

interface Candidate {
  readonly name: string;
  readonly package: string;
  readonly description: string;
}

const GPU: Candidate = { name: 'tensorflow', package: '@tensorflow/tfjs-node-gpu', description: 'TensorFlow, CUDA' };
/** Fastest first. */
const CPU: readonly Candidate[] = [
  { name: 'tensorflow', package: '@tensorflow/tfjs-node', description: 'TensorFlow, CPU' },
  { name: 'wasm', package: '@tensorflow/tfjs-backend-wasm', description: 'WebAssembly' },
  { name: 'cpu', package: '@tensorflow/tfjs-backend-cpu', description: 'plain JavaScript' },
];

const require = createRequire(import.meta.url);

/** Loads a package that may be missing: null then. Throws BackendUnavailableError where it is there and does not load. */
async function load({ package: name }: Candidate): Promise<object | null> {
  try {
    require.resolve(name);
  } catch {
    return null;
  }
  try {
    return (await import(name)) as object;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new BackendUnavailableError(
      `Loading ${name}: it is installed but does not load (${message.split('\n')[0]}). ` +
        'Its native library is fetched by its install script: run `npm rebuild ' +
        `${name} --ignore-scripts=false\`, or choose the onnx backend.`,
      { cause: error },
    );
  }
}

/** Switches TF.js to a candidate; false where it does not start. */
async function start({ name }: Candidate): Promise<boolean> {
  const previous = tf.engine().backendName as string | null | undefined; // None before the first use.
  try {
    const started = await tf.setBackend(name);
    if (started) await tf.ready();
    return started;
  } finally {
    if (previous != null && previous !== name) await tf.setBackend(previous);
  }
}

/**
 * The best TF.js backend installed for a device. A GPU is used only when asked for, and then nothing else is.
 *
 * @param only a TF.js backend's name, to have that one and no other
 * @throws BackendUnavailableError naming the command that installs what is missing
 */
export async function findBackend(device: 'cpu' | 'gpu', only?: string): Promise<TfjsBackend> {
  if (device === 'gpu') {
    if ((await load(GPU)) === null)
      throw new BackendUnavailableError(
        'Computing on a GPU needs @tensorflow/tfjs-node-gpu, which is not installed. ' +
          'Run `npm install --ignore-scripts=false @tensorflow/tfjs-node-gpu` on a machine with CUDA, or choose device cpu.',
      );
    if (await start(GPU)) return GPU;
    throw new BackendUnavailableError(
      '@tensorflow/tfjs-node-gpu is installed but its backend does not start. Check the CUDA libraries, or choose device cpu.',
    );
  }
  for (const candidate of CPU) {
    if (only !== undefined && candidate.name !== only) continue;
    if ((await load(candidate)) !== null && (await start(candidate))) return candidate;
  }
  throw new BackendUnavailableError(
    `No TF.js backend${only === undefined ? '' : ` "${only}"`} starts. ` +
      `Run \`npm install ${CPU.map(candidate => candidate.package).join(' ')}\` or choose the onnx backend.`,
  );
}

/**
 * Runs synchronous TF.js code on a backend, inside a tidy scope, and puts the previous backend back.
 *
 * What `compute` returns survives the scope if it is a tensor, and must be disposed by the caller.
 */
export function onBackend<T extends tf.TensorContainer | number[]>(backend: TfjsBackend, compute: () => T): T {
  const previous = tf.engine().backendName as string | null | undefined; // None before the first use.
  const change = previous !== backend.name;
  // A backend that has started once switches at once; the promise is for those that have not.
  if (change) void tf.setBackend(backend.name);
  try {
    return tf.tidy(compute as () => T & tf.TensorContainer);
  } finally {
    if (change && previous != null) void tf.setBackend(previous);
  }
}
