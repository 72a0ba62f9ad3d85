import { createHash } from 'node:crypto';
import type { MainModule, MjModel } from '@mujoco/mujoco';
import { checkModel } from './check-model.ts';
import { readLayout, type SceneLayout } from './layout.ts';
import { mujocoModule } from './module.ts';
import { checkTargetTag, compileScene, type TargetOptions } from './scene-file.ts';
import { readScene, type SceneSource } from './scene-source.ts';

/** A scene ready to be stepped, shared by all simulators that hold it. */
export interface CompiledScene {
  readonly mujoco: MainModule;
  readonly model: MjModel;
  readonly layout: SceneLayout;
  readonly source: SceneSource;
  readonly target: TargetOptions | undefined;
  /** Digest of the scene and its target: what has the same key is the same. */
  readonly key: string;
}

interface Entry {
  readonly scene: CompiledScene;
  users: number;
}

/** Unused scenes that are kept, so that opening a simulator again costs no compilation. */
const idleLimit = 4;
const entries = new Map<string, Entry>();

/** Compiles a scene, or takes the one already compiled. Every call must be paid back with {@link releaseScene}. */
export async function acquireScene(path: string, target: TargetOptions | undefined): Promise<CompiledScene> {
  const mujoco = await mujocoModule();
  const source = await readScene(path);
  const key = keyOf(source, target);
  let entry = entries.get(key);
  if (!entry) {
    const model = compileScene(mujoco, source, target, true);
    try {
      checkModel(mujoco, model, path);
      if (target) checkTargetTag(source);
      entry = { scene: { mujoco, model, layout: readLayout(mujoco, model), source, target, key }, users: 0 };
    } catch (error) {
      model.delete();
      throw error;
    }
  }
  entry.users++;
  // Re-inserted at the end: the map's order is that of last use.
  entries.delete(key);
  entries.set(key, entry);
  return entry.scene;
}

/** Keyed by content, not by path: a scene edited between two openings is compiled anew. */
function keyOf({ xml, files }: SceneSource, target: TargetOptions | undefined): string {
  const hash = createHash('sha256').update(JSON.stringify([target?.size, target?.mass, xml]));
  for (const [name, content] of files) hash.update(JSON.stringify([name, content.length])).update(content);
  return hash.digest('hex').slice(0, 16);
}

/** Gives a scene back. The longest unused ones are freed. */
export function releaseScene(scene: CompiledScene): void {
  const released = entries.get(scene.key);
  if (released) released.users--;
  let idle = 0;
  for (const entry of entries.values()) if (entry.users === 0) idle++;
  for (const [key, entry] of entries) {
    if (idle <= idleLimit) return;
    if (entry.users > 0) continue;
    entries.delete(key);
    entry.scene.model.delete();
    idle--;
  }
}
