import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createMujocoSimulator, type SceneDescription } from '../../../src/bridge/index.ts';
import { defaultScene } from '../../../src/bridge/mujoco/scene-file.ts';

/** A scene of the fixtures. */
export function fixture(name: string): string {
  return join(import.meta.dirname, '../../fixtures/scenes', name);
}

/** A mesh in the shape of a small tetrahedron. */
export const cup = readFileSync(fixture('files/cup.stl'));

/** The package's scene with `assets` in its assets, `bodies` in its world and `first` before everything else. */
export function sceneWith({ assets = '', bodies = '', first = '' }): string {
  return readFileSync(defaultScene, 'utf8')
    .replace(/<mujoco [^>]*>/, `$&${first}`)
    .replace('<asset>', `<asset>${assets}`)
    .replace('</worldbody>', `${bodies}</worldbody>`);
}

/** A folder with files, removed after the test. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'graspbridge-scene-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Opens a scene, with a block of a size of its own as every task does, and describes it. */
export async function describeScene(scene: string): Promise<SceneDescription> {
  const simulator = await createMujocoSimulator({ scene, target: { size: [0.05, 0.1, 0.05], mass: 0.25 } });
  try {
    return await simulator.describe();
  } finally {
    await simulator.close();
  }
}
