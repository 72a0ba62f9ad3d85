/**
 * `npm run test:tensorflow`: the engine's tests on real TensorFlow.
 *
 * The install script of tfjs-node downloads TensorFlow from a host that not every machine can reach. Here TensorFlow comes
 * from its Python wheel, and tfjs-node's binding is compiled on it, once, into node_modules/.cache: the tests find it there by
 * NODE_PATH, and nothing else does. Where something that this takes is missing, the tests are skipped and the exit code is 0.
 */
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const TFJS_NODE = '4.22.0';
/** Its C library serves tfjs-node's binding, which was written for 2.9. */
const TENSORFLOW = '2.18.1';
/** Which Python the wheel is for makes no difference to its C library. */
const WHEEL_PYTHON = '3.12';
const TESTS = ['test/engine', 'test/agents/backends-agree.test.ts'];

const cache = resolve('node_modules/.cache/tensorflow');
const tfjsNode = join(cache, 'node_modules/@tensorflow/tfjs-node');
/** Written last: a build that was interrupted is done again. */
const built = join(tfjsNode, 'lib/built-for-tests');

/** Something that the tests take cannot be had on this machine. */
class Unavailable extends Error {}

function run(what: string, command: string, args: readonly string[], options: SpawnSyncOptions = {}): string {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    ...options,
  });
  if (status === 0) return String(stdout);
  const lines = String(stderr ?? '')
    .trim()
    .split('\n')
    .slice(-5)
    .join('\n');
  throw new Unavailable(`${what} failed: ${error?.message ?? `${command} ended with ${signal ?? status}`}\n${lines}`);
}

/** Throws Unavailable naming all that is missing. */
function checkMachine(): { readonly headers: string; readonly python: string } {
  const missing: string[] = [];
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= 23)
    missing.push(`Node 20 or 22 (this is ${process.versions.node}, on which tfjs-node ${TFJS_NODE} fails)`);
  if (process.platform !== 'linux' || process.arch !== 'x64') missing.push('Linux on x64');
  const headers = resolve(process.execPath, '../..');
  if (!existsSync(join(headers, 'include/node/node_api.h'))) missing.push(`Node's headers in ${headers}/include/node`);
  const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
  const python = ['python3', 'python'].find(name => has(name, '-m', 'pip', '--version'));
  if (python === undefined) missing.push('Python 3 with pip');
  for (const command of ['g++', 'make']) if (!has(command, '--version')) missing.push(command);
  if (!has('unzip', '-v')) missing.push('unzip');
  if (python === undefined || missing.length > 0) throw new Unavailable(`this takes ${missing.join(', ')}`);
  return { headers, python };
}

/** Installs tfjs-node beside, not into, this checkout. */
function installPackage(): void {
  rmSync(join(cache, 'node_modules'), { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'package.json'), '{ "private": true }\n');
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  run('Installing tfjs-node', 'npm', ['install', ...options, `@tensorflow/tfjs-node@${TFJS_NODE}`], { cwd: cache });
  // As where all is installed in one place: one copy of TF.js's core, which is this checkout's.
  for (const name of ['tfjs-core', 'tfjs-backend-cpu'])
    rmSync(join(cache, 'node_modules/@tensorflow', name), { recursive: true, force: true });
}

/** The wheel's path, downloaded unless it is there. */
function downloadWheel(python: string): string {
  const find = () =>
    readdirSync(cache).find(name => name.startsWith(`tensorflow_cpu-${TENSORFLOW}-`) && name.endsWith('.whl'));
  const found = find();
  if (found !== undefined) return join(cache, found);
  const wheel = ['--only-binary=:all:', '--python-version', WHEEL_PYTHON, '--platform', 'manylinux2014_x86_64'];
  const args = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    ...wheel,
    '--dest',
    cache,
    `tensorflow-cpu==${TENSORFLOW}`,
  ];
  run('Downloading TensorFlow', python, args);
  const downloaded = find();
  if (downloaded === undefined) throw new Unavailable('pip downloaded no wheel of TensorFlow');
  return join(cache, downloaded);
}

/** Puts TensorFlow's library and headers where tfjs-node's binding.gyp expects them, and compiles the binding. */
function buildBinding(wheel: string, headers: string): void {
  const unpacked = join(cache, 'unpacked');
  const deps = join(tfjsNode, 'deps');
  for (const path of [unpacked, deps, join(tfjsNode, 'lib')]) rmSync(path, { recursive: true, force: true });
  mkdirSync(join(deps, 'lib'), { recursive: true });
  const folders = ['tensorflow', 'tsl', 'xla'].map(name => `tensorflow/include/${name}/*`);
  run('Unpacking TensorFlow', 'unzip', ['-q', wheel, 'tensorflow/libtensorflow_*.so.2', ...folders, '-d', unpacked]);
  renameSync(join(unpacked, 'tensorflow/include'), join(deps, 'include'));
  for (const [library, link] of [
    ['libtensorflow_cc.so.2', 'libtensorflow.so'],
    ['libtensorflow_framework.so.2', 'libtensorflow_framework.so'],
  ] as const) {
    renameSync(join(unpacked, 'tensorflow', library), join(deps, 'lib', library));
    symlinkSync(library, join(deps, 'lib', link));
  }
  rmSync(unpacked, { recursive: true, force: true });
  const gyp = join(run('Finding npm', 'npm', ['root', '--global']).trim(), 'npm/node_modules/node-gyp/bin/node-gyp.js');
  const binding = ['--module_name=tfjs_binding', `--module_path=${join(tfjsNode, 'lib/napi-v8')}`];
  const napi = ['--napi_build_version=8', '--napi_version=8'];
  run('Compiling the binding', process.execPath, [gyp, 'rebuild', `--nodedir=${headers}`, ...binding, ...napi], {
    cwd: tfjsNode,
  });
  for (const name of ['deps/include', 'build']) rmSync(join(tfjsNode, name), { recursive: true, force: true });
  writeFileSync(built, '');
}

function prepare(): void {
  const { headers, python } = checkMachine();
  if (existsSync(built)) return;
  const report = (what: string) => console.log(`test:tensorflow: ${what}`);
  report(`installing tfjs-node ${TFJS_NODE} into ${cache}`);
  installPackage();
  report(`downloading TensorFlow ${TENSORFLOW} (230 MB), unless it is there`);
  const wheel = downloadWheel(python);
  report('compiling the binding');
  buildBinding(wheel, headers);
}

function test(): number {
  const vitest = join(dirname(resolve('node_modules/vitest/package.json')), 'vitest.mjs');
  const env = { ...process.env, NODE_PATH: join(cache, 'node_modules'), GRASPBRIDGE_TEST_TENSORFLOW: '1' };
  const { status, error } = spawnSync(process.execPath, [vitest, 'run', ...TESTS, ...process.argv.slice(2)], {
    env,
    stdio: 'inherit',
  });
  if (error) throw error;
  return status === 0 ? 0 : 1;
}

try {
  prepare();
  process.exitCode = test();
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  console.error(`test:tensorflow: SKIPPED, nothing was tested: ${error.message}`);
}
