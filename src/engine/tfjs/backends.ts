import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { installCommand, rebuildCommand } from '../../common/install-command.ts';
import { BackendUnavailableError } from '../errors.ts';

/** A TF.js backend that is installed and works. */
export interface TfjsBackend {
  /** TF.js's name for it. */
  readonly name: string;
  /** For people. */
  readonly description: string;
}

/** A backend's name in TF.js, of those that graspbridge can use. */
export type TfjsBackendName = 'tensorflow' | 'wasm' | 'cpu';

interface Candidate {
  readonly name: TfjsBackendName;
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

/**
 * Throws BackendUnavailableError where a version of tfjs-node cannot compute on this Node.
 *
 * Up to 4.22 it calls `util.isNullOrUndefined`, which Node 23 removed: it loads, and then fails at the first operation.
 * Later versions do not call it.
 */
function checkNode(name: string): void {
  if ('isNullOrUndefined' in util) return;
  const { version } = require(`${name}/package.json`) as { readonly version: string };
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 4 || (major === 4 && minor > 22)) return;
  throw new BackendUnavailableError(
    `Loading ${name} ${version}: it does not work on Node 23 or later, but this is Node ${process.versions.node}. It calls ` +
      'util.isNullOrUndefined, which Node 23 removed. Use Node 20 or 22, or choose the onnx backend.',
  );
}

/** Loads a candidate's package. False where it is not installed; throws BackendUnavailableError where it does not load. */
async function load({ name: backend, package: name }: Candidate): Promise<boolean> {
  let path: string;
  try {
    path = require.resolve(name);
  } catch {
    return false;
  }
  if (backend === 'tensorflow') checkNode(name);
  try {
    await import(pathToFileURL(path).href);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new BackendUnavailableError(
      `Loading ${name}: it is installed but does not load (${message.split('\n')[0]}). Its install script fetches its native ` +
        `library: run \`${rebuildCommand(name)}\`, or choose the onnx backend.`,
      { cause: error },
    );
  }
}

/** Switches TF.js to a candidate; false where it does not start. */
async function start({ name }: Candidate): Promise<boolean> {
  const started = await tf.setBackend(name);
  if (started) await tf.ready();
  return started;
}

/**
 * Throws BackendUnavailableError where a backend that started computes on another device than the one asked for.
 *
 * TensorFlow falls back to the CPU when it finds no GPU, and reports that only in a property of the backend.
 */
function checkDevice({ name, package: wanted }: Candidate, device: 'cpu' | 'gpu'): void {
  const { isUsingGpuDevice = false, isGPUPackage = false } = tf.findBackend(name) as {
    readonly isUsingGpuDevice?: boolean;
    readonly isGPUPackage?: boolean;
  };
  if (isUsingGpuDevice === (device === 'gpu')) return;
  if (isGPUPackage !== (device === 'gpu'))
    throw new BackendUnavailableError(
      `Choosing device ${device}: it needs ${wanted}, but this program has loaded ` +
        `${isGPUPackage ? GPU.package : '@tensorflow/tfjs-node'} before, and only one of the two works in a process. ` +
        `Load only ${wanted}.`,
    );
  throw new BackendUnavailableError(
    `Choosing device gpu: ${wanted} is loaded, but TensorFlow found no GPU that it can use and would compute on the CPU. ` +
      'Check that `nvidia-smi` lists the GPU, that CUDA_VISIBLE_DEVICES does not hide it, and that LD_LIBRARY_PATH has the ' +
      'libraries named in the log above (tfjs-node-gpu 4.22 needs CUDA 11.2 and cuDNN 8.1). Or choose device cpu.',
  );
}

/**
 * The best TF.js backend installed for a device. A GPU is used only when asked for, and then nothing else is.
 *
 * @param only a TF.js backend, to have that one and no other
 * @throws BackendUnavailableError naming the command that installs what is missing
 */
export async function findBackend(device: 'cpu' | 'gpu', only?: TfjsBackendName): Promise<TfjsBackend> {
  const previous = tf.engine().backendName as string | null | undefined; // None before the first use.
  try {
    return device === 'gpu' ? await findGpu() : await findCpu(only);
  } finally {
    // tfjs-node makes itself TF.js's backend as soon as it is loaded.
    if (previous != null && previous !== tf.engine().backendName) await tf.setBackend(previous);
  }
}

async function findGpu(): Promise<TfjsBackend> {
  if (!(await load(GPU)))
    throw new BackendUnavailableError(
      `Choosing device gpu: it needs ${GPU.package}, which is not installed. On a machine with CUDA, run ` +
        `\`${installCommand(GPU.package, { native: true })}\` with Node 20 or 22, or choose device cpu.`,
    );
  if (!(await start(GPU)))
    throw new BackendUnavailableError(
      `Choosing device gpu: ${GPU.package} is installed but its backend does not start. Check the CUDA libraries, or choose device cpu.`,
    );
  checkDevice(GPU, 'gpu');
  return GPU;
}

async function findCpu(only?: TfjsBackendName): Promise<TfjsBackend> {
  const candidates = CPU.filter(({ name }) => only === undefined || name === only);
  for (const candidate of candidates)
    if ((await load(candidate)) && (await start(candidate))) {
      checkDevice(candidate, 'cpu');
      return candidate;
    }
  const commands = candidates.map(({ name, package: wanted }) =>
    installCommand(wanted, { native: name === 'tensorflow' }),
  );
  throw new BackendUnavailableError(
    `No TF.js backend${only === undefined ? '' : ` "${only}"`} starts. ` +
      `Run ${commands.map(command => `\`${command}\``).join(' or ')}, or choose the onnx backend.`,
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
