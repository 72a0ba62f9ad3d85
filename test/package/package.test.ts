import { execFile, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { subset } from 'semver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeOf } from '../../tools/node-versions.ts';
import { small } from '../cli/run-cli.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');

/** With GRASPBRIDGE_PACKAGE=full every supported version; the ones at hand otherwise. */
const full = process.env.GRASPBRIDGE_PACKAGE === 'full';
const NODES = full ? ['20', '22', '24'] : [];
const COMPILERS = full ? ['5.9', '7'] : ['7'];
const MODULES = [
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
] as const;
/** Every declaration checked, and none of the @types packages that TF.js installs, which TypeScript 5.9 would include. */
const STRICT = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2023', '--typeRoots', 'none'];

const project = mkdtempSync(join(tmpdir(), 'graspbridge-user-'));
const installed = join(project, 'node_modules', 'graspbridge');
const main = join(installed, 'dist', 'cli', 'main.js');
const nodes = NODES.map(version => ({ version, node: nodeOf(version) }));
if (nodes.length === 0) nodes.push({ version: process.version, node: process.execPath });

/** Writes a file of the user's project. */
function write(name: string, text: string): string {
  const path = join(project, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

beforeAll(async () => {
  await run(process.execPath, ['--import', 'tsx', join(ROOT, 'tools', 'package.ts'), project], { cwd: ROOT });
  const [archive] = readdirSync(project).filter(name => name.endsWith('.tgz'));
  write('package.json', '{ "private": true, "type": "module" }');
  const compilers = COMPILERS.map(version => `typescript-${version}@npm:typescript@${version}`);
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `./${archive}`, ...compilers], {
    cwd: project,
  });
}, 600_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

test('npm pack in the checkout fails, since it would not build', async () => {
  await expect(run('npm', ['pack'], { cwd: ROOT })).rejects.toThrow('npm run package');
});

test('the package has the program, its types, the page and the scenes, and no scripts', () => {
  const files = ['dist/index.js', 'dist/index.d.ts', 'dist/cli/main.js', 'dist/viewer/page/index.html'];
  for (const name of [...files, 'scenes/sawyer-grasp.xml', 'LICENSE', 'README.md'])
    expect(existsSync(join(installed, name)), name).toBe(true);
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(['private']));
  expect(manifest.scripts ?? manifest.devDependencies ?? manifest.overrides).toBeUndefined();
});

test('the package contains only what is used, and no paths of the machine it was built on', () => {
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
  const names = files.map(path => relative(installed, path).split(sep).join('/'));
  const sources = names.filter(name => /^(src|test|tools|bench)\/|\.test\.|\.map$|\.py$|(?<!\.d)\.ts$/.test(name));
  expect(sources.filter(name => !name.startsWith('examples/'))).toEqual([]);
  const texts = files.filter(path => !['.png', '.jpg'].includes(extname(path)));
  expect(texts.filter(path => readFileSync(path, 'utf8').includes(ROOT))).toEqual([]);
  expect(files.reduce((sum, path) => sum + statSync(path).size, 0)).toBeLessThan(6e6);
});

test('the declarations keep their comments, and only tensors of TF.js are `any`', () => {
  const declarations = readFileSync(join(installed, 'dist', 'index.d.ts'), 'utf8');
  expect(declarations).toContain('/** Adam (Kingma and Ba 2015, algorithm 1). */');
  expect(declarations).toMatch(/n of the n-step returns in the replay buffer. \*\/\n +nStep\?: /);
  const code = declarations.replace(/\/\*.*?\*\//gs, '').split('\n');
  expect(code.filter(line => /\bany\b/.test(line))).toEqual([
    'type Tensor = TensorTypes extends { tensor: infer Known } ? Known : any;',
    'type Scalar = TensorTypes extends { scalar: infer Known } ? Known : any;',
  ]);
  expect(declarations).not.toMatch(/\bimport\(|\bTensor\$/);
});

test('every package that a user installs supports the oldest Node that is promised', () => {
  const promised: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).engines.node;
  const found = readdirSync(join(project, 'node_modules'), { recursive: true, withFileTypes: true })
    .filter(
      entry => entry.name === 'package.json' && /node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+$/.test(entry.parentPath),
    )
    .map(entry => JSON.parse(readFileSync(join(entry.parentPath, entry.name), 'utf8')));
  expect(found.length).toBeGreaterThan(20);
  const oldest = promised.replace('>=', '');
  const unsupported = found
    .filter(({ engines }) => typeof engines?.node === 'string' && !subset(`${oldest}.0`, engines.node))
    .map(({ name, version, engines }) => `${name}@${version} needs ${engines.node}`);
  expect(unsupported).toEqual([]);
});

describe.each(nodes)('with Node $version', ({ version, node }) => {
  test('runs from an ES module', async () => {
    const file = write(
      'use.mjs',
      `import { makeEnv } from 'graspbridge';
       const env = await makeEnv('SawyerReach-v1');
       await env.reset({ seed: 1 });
       console.log((await env.step(new Float32Array(3))).reward < 0);
       await env.close();`,
    );
    expect((await run(node, [file], { cwd: project })).stdout).toBe('true\n');
  });

  test('runs from CommonJS, with its files', async () => {
    const file = write(
      'use.cjs',
      `const { makeEnv } = require('graspbridge');
       const { version } = require('graspbridge/package.json');
       const scene = require.resolve('graspbridge/scenes/sawyer-grasp.xml');
       makeEnv('CartPole-v1').then(async env => {
         await env.reset({ seed: 1 });
         console.log(version, require('node:fs').existsSync(scene), (await env.step(1)).reward);
         await env.close();
       });`,
    );
    expect((await run(node, [file], { cwd: project })).stdout).toMatch(/^\d+\.\d+\.\d+ true 1\n$/);
  });

  const path = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };

  test('the command runs by its name', async () => {
    const program = join(project, 'node_modules', '.bin', 'graspbridge');
    const direct = await run(program, ['--help'], { cwd: project, env: path });
    expect(direct.stdout).toContain('graspbridge <command>');
    const named = await run('npx', ['--no', '--', 'graspbridge', '--version'], { cwd: project, env: path });
    expect(named.stdout).toBe(`${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}\n`);
  });

  test('the command finds its scene, its data and its page', async () => {
    const [runs, name] = [join(project, 'runs'), `node-${version}`];
    await run(node, [main, ...small(runs, name)], { cwd: project });
    const curves = join(project, `${name}.svg`);
    await run(node, [main, 'plot', '--run', name, '--runs-dir', runs, '--original', '--out', curves]);
    expect(readFileSync(curves, 'utf8')).toContain('<svg');
    const viewer = spawn(node, [main, 'view', runs, '--no-open'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise(done => viewer.on('close', done));
    try {
      let address: string | undefined;
      for await (const line of createInterface(viewer.stdout)) {
        address = line.match(/http:\S+/)?.[0];
        if (address !== undefined) break;
      }
      const page = await fetch(address ?? '');
      const script = new URL((await page.text()).match(/src="([^"]+\.js)"/)?.[1] ?? '', address);
      // Only the page's address has the token; a browser sends it as a cookie from then on.
      const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? '';
      expect((await fetch(script, { headers: { cookie } })).headers.get('content-type')).toContain('javascript');
    } finally {
      viewer.kill('SIGINT');
      await ended;
    }
  });

  test.runIf(full)(
    'every command of the table ends',
    async () => {
      await run(node, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', 'test/cli/exits.test.ts'], {
        cwd: ROOT,
        env: { ...process.env, GRASPBRIDGE_MAIN: main },
      });
    },
    900_000,
  );
});

describe.each(COMPILERS)('with TypeScript %s', version => {
  const compile = (file: string, ...options: string[]) =>
    run(
      process.execPath,
      [join(project, 'node_modules', `typescript-${version}`, 'bin', 'tsc'), ...STRICT, ...options, file],
      { cwd: project },
    ).catch(error => {
      throw new Error(error.stdout);
    });

  test.each(MODULES)('compiles without the types of the DOM and of Node: --module %s', async (module, resolution) => {
    const file = write(
      'use.ts',
      `import { type Env, type StepResult, PPO, box, makeEnv, registerEnv, train } from 'graspbridge';
       const env: Env = await makeEnv('CartPole-v1');
       const step: StepResult = await env.step(1);
       export const used: [number, unknown, unknown, unknown] = [step.reward, box(-1, 1, [2]).shape, train, PPO];
       registerEnv({ id: 'X-v0', summary: 'x', make: async () => env });
       // @ts-expect-error the options are checked
       await train({ options: { seed: 'one' } });`,
    );
    await compile(file, '--lib', 'es2023', '--module', module, '--moduleResolution', resolution);
  });

  test("a loss in TF.js compiles, and with graspbridge/tfjs the tensors have TF.js's types", async () => {
    const loss = (argument: string) => `import * as tf from '@tensorflow/tfjs-core';
      import { buildPolicy } from 'graspbridge';
      export const policy = buildPolicy({
        name: 'reinforce',
        options: {},
        loss: ({ logProbabilities, batch, mean }) => ({
          loss: tf.neg(mean(tf.mul(logProbabilities, ${argument}))) as tf.Scalar,
        }),
      });`;
    const options = ['--lib', 'es2023,dom', '--module', 'nodenext', '--moduleResolution', 'nodenext'];
    // TF.js's own declarations do not pass a check of all declarations.
    const lenient = ['--skipLibCheck', 'true'];
    const right = write('loss.ts', loss('batch.returns as tf.Tensor'));
    await compile(right, ...options, ...lenient);
    const checked = write('checked.ts', `import 'graspbridge/tfjs';\n${loss('batch.returns as tf.Tensor')}`);
    await compile(checked, ...options, ...lenient);
    const wrong = write('wrong.ts', `import 'graspbridge/tfjs';\n${loss('batch.returns.noSuchOperation()')}`);
    await expect(compile(wrong, ...options, ...lenient)).rejects.toThrow('noSuchOperation');
  });
});
