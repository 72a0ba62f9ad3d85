import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installCommand } from '../../src/common/install-command.ts';

/** Folders with stand-ins for tfjs-node and tfjs-node-gpu, which are hundreds of megabytes. */
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'graspbridge-backends-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface StandIn {
  readonly package: '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';
  readonly version?: string;
  /** What TensorFlow reports after looking for a GPU. */
  readonly findsGpu?: boolean;
  /** Instead of a backend that registers itself. */
  readonly code?: string;
}

/** Writes a package that registers the backend `tensorflow` as the real one does: the first one loaded wins. */
async function standIn({ package: name, version = '4.23.0', findsGpu = false, code }: StandIn): Promise<void> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }));
  const backend = `
    const tf = require('@tensorflow/tfjs-core');
    class Backend extends tf.KernelBackend {
      isGPUPackage = ${name.endsWith('-gpu')};
      isUsingGpuDevice = ${findsGpu};
      dispose() {}
    }
    tf.registerBackend('tensorflow', () => new Backend(), 3);
    tf.setBackend('tensorflow');
  `;
  await writeFile(join(path, 'index.js'), code ?? backend);
}

const BACKENDS = pathToFileURL(resolve('src/engine/tfjs/backends.ts')).href;
const run = promisify(execFile);

/** What findBackend gives in a process of its own that has only these stand-ins: a description, or an error's text. */
async function find(device: 'cpu' | 'gpu', standIns: readonly StandIn[], before = ''): Promise<string> {
  await rm(join(folder, '@tensorflow'), { recursive: true, force: true });
  for (const each of standIns) await standIn(each);
  const program = `
    import { createRequire } from 'node:module';
    import util from 'node:util';
    const require = createRequire(${JSON.stringify(BACKENDS)});
    ${before}
    const { findBackend } = await import(${JSON.stringify(BACKENDS)});
    try {
      console.log((await findBackend('${device}')).description);
    } catch (error) {
      console.log(error.name + ': ' + error.message);
    }
  `;
  const path = [folder, resolve('node_modules')].join(delimiter);
  const { stdout } = await run(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    env: { ...process.env, NODE_PATH: path },
  });
  return stdout.trim();
}

const GPU = '@tensorflow/tfjs-node-gpu';
const CPU = '@tensorflow/tfjs-node';
/** As on Node 23. */
const WITHOUT_IS_NULL_OR_UNDEFINED = 'delete util.isNullOrUndefined;';

test('computes on a GPU that TensorFlow found', async () => {
  expect(await find('gpu', [{ package: GPU, findsGpu: true }])).toBe('TensorFlow, CUDA');
});

test('refuses device gpu where TensorFlow found no GPU and would compute on the CPU', async () => {
  const message = await find('gpu', [{ package: GPU, findsGpu: false }]);
  expect(message).toMatch(/^BackendUnavailableError: Choosing device gpu: .* found no GPU .* would compute on the CPU/);
  expect(message).toMatch(/nvidia-smi.*CUDA_VISIBLE_DEVICES.*LD_LIBRARY_PATH.*device cpu/);
});

test('refuses device gpu without tfjs-node-gpu, also where tfjs-node is installed', async () => {
  const message = await find('gpu', [{ package: CPU }]);
  expect(message).toMatch(/^BackendUnavailableError: .*needs @tensorflow\/tfjs-node-gpu, which is not installed/);
  expect(message).toContain(installCommand(GPU, { native: true }));
});

test.each([
  ['gpu', CPU, GPU, false],
  ['cpu', GPU, CPU, true],
] as const)('refuses device %s in a program that has loaded %s before', async (device, first, wanted, findsGpu) => {
  const both = [{ package: first, findsGpu }, { package: wanted }];
  const message = await find(device, both, `require('${first}');`);
  expect(message).toBe(
    `BackendUnavailableError: Choosing device ${device}: it needs ${wanted}, but this program has loaded ${first} before, ` +
      `and only one of the two works in a process. Load only ${wanted}.`,
  );
});

test.each([
  ['gpu', GPU],
  ['cpu', CPU],
] as const)('refuses device %s on Node 23 with a %s of version 4.22', async (device, name) => {
  const standIns = [{ package: name, version: '4.22.0', findsGpu: device === 'gpu' }];
  const message = await find(device, standIns, WITHOUT_IS_NULL_OR_UNDEFINED);
  expect(message).toMatch(
    /^BackendUnavailableError: Loading @tensorflow\/tfjs-node(-gpu)? 4\.22\.0: .*Node 23 or later/,
  );
  expect(message).toMatch(/Use Node 20 or 22, or choose the onnx backend/);
});

test('accepts a later tfjs-node on Node 23, and the other backends', async () => {
  expect(await find('cpu', [{ package: CPU, version: '4.23.0' }], WITHOUT_IS_NULL_OR_UNDEFINED)).toBe(
    'TensorFlow, CPU',
  );
  expect(await find('cpu', [], WITHOUT_IS_NULL_OR_UNDEFINED)).toBe('WebAssembly');
});

test('names the command that fetches the native library of a package that does not load', async () => {
  const message = await find('cpu', [{ package: CPU, code: "throw new Error('no addon\\nmore lines');" }]);
  expect(message).toMatch(/installed but does not load \(no addon\)/);
  expect(message).toContain('npm rebuild --ignore-scripts=false @tensorflow/tfjs-node');
});

test('leaves the backend that a program uses as it was', async () => {
  const before = `
    const tf = require('@tensorflow/tfjs-core');
    require('@tensorflow/tfjs-backend-cpu');
    await tf.setBackend('cpu');
    process.on('exit', () => console.log(tf.getBackend()));
  `;
  expect(await find('cpu', [{ package: CPU }], before)).toBe('TensorFlow, CPU\ncpu');
});
