/**
 * Builds dist/index.d.ts: the public API's declarations in one file that imports nothing.
 *
 * The declarations of TF.js, MuJoCo, ONNX Runtime and zod compile only with the DOM's or Node's types, or not at all.
 * What the API needs of them is in tools/build-types/stand-ins.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from '@typescript/typescript6';
import { type Plugin, rollup } from 'rollup';
import dts from 'rollup-plugin-dts';
import { expandInferred, readFieldComments } from './build-types/expand-inferred.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** Where the compiler has put the modules' declarations. */
const DECLARATIONS = join(ROOT, 'dist', 'types');

const SOURCES = join(ROOT, 'tools', 'build-types');

/** By the module that one stands for. */
const STAND_INS: Readonly<Record<string, string>> = {
  '@mujoco/mujoco': 'mujoco.d.ts',
  '@tensorflow/tfjs-core': 'tfjs-core.d.ts',
  'node:events': 'node-events.d.ts',
  'onnxruntime-node': 'onnxruntime-node.d.ts',
  zod: 'zod.d.ts',
};

/** Names that are declared for everyone by Node's types or the DOM's; here what is there of them, or the least. */
const GLOBALS = `/// <reference lib="esnext.disposable" />

/** \`AbortSignal\`, where the program has its type. */
type AbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer Known } }
  ? Known
  : { readonly aborted: boolean; readonly reason: unknown };
`;

/** Finds the stand-ins in place of the modules. */
const standIns: Plugin = {
  name: 'stand-ins',
  resolveId(id) {
    const file = STAND_INS[id];
    return file === undefined ? null : join(SOURCES, 'stand-ins', file);
  },
};

/** Joins the declarations that `input` exports. */
async function rollUp(input: string, output: string, plugins: readonly Plugin[]): Promise<void> {
  const bundle = await rollup({
    input,
    plugins: [...plugins, dts()],
    external: id => /^[^./]/.test(id) && !(plugins.includes(standIns) && id in STAND_INS),
    onwarn: ({ code, message }) => {
      // Schemas that are left out of the result take more of zod than stands in for it; the check below tells what is missing.
      if (code !== 'MISSING_EXPORT') throw new Error(message);
    },
  });
  await bundle.write({ file: output, format: 'es' });
  await bundle.close();
}

/** Exports the interface that `graspbridge/tfjs` fills: only one that is exported where it is declared can be. */
function withTensorTypes(text: string): string {
  return text.replace(/^interface TensorTypes/m, 'export $&').replace(/^\/\/ biome-ignore .*\n/gm, '');
}

/** The options of the repository's own compiler. */
function ownOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options;
}

/** Compiles the declarations as the strictest of users does: with no types but the language's own. */
function check(path: string): void {
  const program = ts.createProgram([path], {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    lib: ['lib.es2023.d.ts'],
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    types: [],
  });
  const found = ts.getPreEmitDiagnostics(program);
  if (found.length === 0 && !/^import /m.test(readFileSync(path, 'utf8'))) return;
  const host = { getCanonicalFileName: String, getCurrentDirectory: () => ROOT, getNewLine: () => '\n' };
  throw new Error(`The public API's types need those of other packages:\n${ts.formatDiagnostics(found, host)}`);
}

/** In the project, so that imports are found from it. */
const folder = mkdtempSync(join(ROOT, 'dist', 'types-'));
try {
  const [joined, expanded] = [join(folder, 'joined.d.ts'), join(folder, 'expanded.d.ts')];
  await rollUp(join(DECLARATIONS, 'index.d.ts'), joined, []);
  const comments = readFieldComments(join(ROOT, 'src', 'index.ts'), ownOptions());
  writeFileSync(expanded, expandInferred(joined, comments));
  const output = join(ROOT, 'dist', 'index.d.ts');
  await rollUp(expanded, output, [standIns]);
  writeFileSync(output, GLOBALS + withTensorTypes(readFileSync(output, 'utf8')));
  for (const name of ['tfjs.d.ts', 'tfjs.js']) copyFileSync(join(SOURCES, name), join(ROOT, 'dist', name));
  check(output);
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(DECLARATIONS, { recursive: true, force: true });
}
