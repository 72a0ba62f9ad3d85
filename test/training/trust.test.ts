import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isInside, isNetworkPath } from '../../src/common/paths.ts';
import { writeCheckpoint } from '../../src/training/checkpoint.ts';
import { exportPolicy, loadPolicy, testPolicy, train } from '../../src/training/index.ts';
import { admit } from '../../src/training/trust.ts';
import { temporaryFolder } from './run-files.ts';

const SOURCE = { name: 'the run given', folders: [] };

/** A module that leaves a marker when it is loaded, and that marker's path. */
function moduleIn(folder: string): { readonly module: string; readonly marker: string } {
  mkdirSync(folder, { recursive: true });
  const marker = join(folder, 'marker');
  const module = join(folder, 'policy.mjs');
  writeFileSync(
    module,
    `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(marker)}, '');\nexport default 1;\n`,
  );
  return { module, marker };
}

/** A CoppeliaSim that leaves a marker when it is started. */
function coppeliaSimIn(folder: string): { readonly program: string; readonly marker: string } {
  mkdirSync(folder, { recursive: true });
  const marker = join(folder, 'marker');
  const program = join(folder, 'coppeliaSim.sh');
  writeFileSync(program, `#!/bin/sh\ntouch '${marker}'\nexit 3\n`);
  chmodSync(program, 0o755);
  return { program, marker };
}

/** A folder inside the working folder, removed after the test. */
function folderHere(): string {
  const folder = mkdtempSync(join(process.cwd(), '.trust-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A run with one checkpoint whose configuration is the given one. */
function runIn(
  folder: string,
  config: Readonly<Record<string, unknown>>,
): { readonly run: string; checkpoint: string } {
  const checkpoint = join(folder, 'checkpoints', 'step-000000005.checkpoint');
  const all = { env: 'SawyerReach-v1', algorithm: 'sac', seed: 1, ...config };
  mkdirSync(join(folder, 'checkpoints'), { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ training: all }));
  writeCheckpoint(checkpoint, { meta: { config: all, envSteps: 5, updates: 5, evaluation: null }, state: {} });
  return { run: folder, checkpoint };
}

/** All that may be done with a run from elsewhere. */
const USES: readonly [string, (given: { run: string; checkpoint: string }) => Promise<unknown>][] = [
  ['loadPolicy', ({ checkpoint }) => loadPolicy(checkpoint)],
  ['testPolicy', ({ checkpoint }) => testPolicy(checkpoint, { episodes: 1, seed: 1 })],
  ['exportPolicy', ({ checkpoint }) => exportPolicy(checkpoint, join(temporaryFolder(), 'policy.onnx'))],
  ['train with resume', ({ run }) => train({ resume: true, runsDirectory: resolve(run, '..'), name: 'given' })],
];

test.each(USES)('%s loads no module that comes with a run', async (_, use) => {
  const folder = join(folderHere(), 'given');
  const { module, marker } = moduleIn(join(folder, 'code'));
  await expect(use(runIn(folder, { algorithm: module }))).rejects.toThrow(`it came with the data, in ${folder}`);
  expect(existsSync(marker)).toBe(false);
});

test.each(USES)('%s loads no module outside the working folder', async (_, use) => {
  const folder = temporaryFolder();
  const { module, marker } = moduleIn(join(folder, 'elsewhere'));
  const given = runIn(join(folder, 'given'), { algorithm: module });
  await expect(use(given)).rejects.toThrow(
    /is not used:\n {2}policy module .*outside the working folder.*\n.*--trust /,
  );
  expect(existsSync(marker)).toBe(false);
});

test.each(USES)('%s starts no CoppeliaSim that only a run names', async (_, use) => {
  const folder = temporaryFolder();
  const { program, marker } = coppeliaSimIn(join(folder, 'coppelia'));
  for (const coppeliasim of [program, join(folder, 'coppelia')]) {
    const given = runIn(join(folder, 'given'), { simulator: 'coppeliasim', simulatorOptions: { coppeliasim } });
    await expect(use(given)).rejects.toThrow('it is not the CoppeliaSim that this machine finds by itself');
  }
  expect(existsSync(marker)).toBe(false);
});

test('loadPolicy loads a module that is trusted', async () => {
  const folder = temporaryFolder();
  const { module, marker } = moduleIn(join(folder, 'elsewhere'));
  const { checkpoint } = runIn(join(folder, 'given'), { algorithm: module });
  await expect(loadPolicy(checkpoint, {}, { trust: [folder] })).rejects.toThrow('no algorithm as its default export');
  expect(existsSync(marker)).toBe(true);
});

test('loadPolicy starts a CoppeliaSim that is trusted, and one that the caller names', async () => {
  const folder = temporaryFolder();
  const { program, marker } = coppeliaSimIn(join(folder, 'coppelia'));
  const options = { simulator: 'coppeliasim', simulatorOptions: { coppeliasim: program } };
  const { checkpoint } = runIn(join(folder, 'given'), options);
  for (const choice of [{ trust: [program] }, { simulatorOptions: options.simulatorOptions }]) {
    await expect(loadPolicy(checkpoint, {}, choice)).rejects.toThrow('code 3');
    expect(existsSync(marker)).toBe(true);
    rmSync(marker);
  }
});

test('admit uses a module in the working folder, and logs it', () => {
  const { module } = moduleIn(folderHere());
  const notices: string[] = [];
  admit({ algorithm: module }, SOURCE, { onNotice: message => notices.push(message) });
  expect(notices).toEqual([`Using the policy module ${module}, which the run given names.`]);
});

test('admit rejects modules in folders of runs, in runs, and behind links', () => {
  const here = folderHere();
  const { module: inRuns } = moduleIn(join(here, 'runs'));
  const { module: inRun } = moduleIn(join(here, 'a', 'b'));
  writeFileSync(join(here, 'a', 'config.json'), JSON.stringify({ training: {} }));
  const link = join(here, 'link.mjs');
  symlinkSync(moduleIn(temporaryFolder()).module, link);
  expect(() => admit({ algorithm: inRuns }, SOURCE)).toThrow('inside a folder of runs');
  expect(() => admit({ algorithm: inRun }, SOURCE)).toThrow(`inside the run ${join(here, 'a')}`);
  expect(() => admit({ algorithm: link }, SOURCE)).toThrow('outside the working folder');
  expect(() => admit({ algorithm: join(temporaryFolder(), 'not-there.js') }, SOURCE)).toThrow('outside');
});

test('admit uses the CoppeliaSim that this machine finds by itself', () => {
  const folder = temporaryFolder();
  const { program } = coppeliaSimIn(folder);
  const before = process.env.COPPELIASIM_ROOT_DIR;
  process.env.COPPELIASIM_ROOT_DIR = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env.COPPELIASIM_ROOT_DIR;
    else process.env.COPPELIASIM_ROOT_DIR = before;
  });
  const simulatorOptions = { coppeliasim: program };
  expect(admit({ simulator: 'coppeliasim', simulatorOptions }, SOURCE)).toEqual(simulatorOptions);
});

test('admit leaves out arguments and a log that only data names', () => {
  const notices: string[] = [];
  const simulatorOptions = { args: ['-c', 'evil'], log: '/etc/passwd', gui: true };
  const named = { simulator: 'coppeliasim', simulatorOptions };
  expect(admit(named, SOURCE, { onNotice: message => notices.push(message) })).toEqual({ gui: true });
  expect(notices).toHaveLength(2);
});

test('admit rejects a scene with scripts, and a scene that is no file, listing both', () => {
  const folder = temporaryFolder();
  const scene = join(folder, 'scene.ttt');
  writeFileSync(scene, '');
  const options = { simulator: 'coppeliasim', simulatorOptions: { scene, sceneFile: folder } };
  expect(() => admit(options, SOURCE)).toThrow(/CoppeliaSim scene .*outside[\s\S]*scene file .*it is a directory/);
  expect(() => admit({ simulator: 'mujoco', simulatorOptions: { scene: folder } }, SOURCE)).toThrow('a directory');
  copyFileSync(scene, join(folder, 'scene.xml'));
  expect(admit({ simulator: 'mujoco', simulatorOptions: { scene: join(folder, 'scene.xml') } }, SOURCE)).toBeDefined();
});

test('admit rejects a trusted path that is not there, and quotes paths for the shell', () => {
  expect(() => admit({}, SOURCE, { trust: ['no-such-folder'] })).toThrow('nothing at no-such-folder');
  const algorithm = "/elsewhere/a'; touch b.js";
  expect(() => admit({ algorithm }, SOURCE)).toThrow("--trust '/elsewhere/a'\\''; touch b.js'");
});

test('train rejects trust for a new run', async () => {
  await expect(train({ trust: ['.'], runsDirectory: temporaryFolder() })).rejects.toThrow('this one is new');
});

test('isNetworkPath recognizes hosts on Windows only', () => {
  for (const path of ['\\\\host\\share\\a', '//host/share/a', '\\/host\\a', '\\\\?\\UNC\\host\\a'])
    expect([isNetworkPath(path, 'win32'), isNetworkPath(path, 'linux')]).toEqual([true, false]);
  expect(isNetworkPath('C:\\a', 'win32')).toBe(false);
  expect([isInside('/a', '/a'), isInside('/a', '/a/..b'), isInside('/a', '/ab'), isInside('/a/b', '/a')]).toEqual([
    ...[true, true, false, false],
  ]);
});
