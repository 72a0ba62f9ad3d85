import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { MainModule, MjModel, MjSpec } from '@mujoco/mujoco';
import type { Vector3 } from '../../common/rotations.ts';
import { SceneError } from '../errors.ts';

/** The block to grasp. */
export interface TargetOptions {
  /** Full extents along its own axes, m. */
  readonly size: Vector3;
  /** kg */
  readonly mass: number;
}

/** The scene that comes with the package. */
export const defaultScene = fileURLToPath(new URL('../../../scenes/sawyer-grasp.xml', import.meta.url));

/** Reads a scene file. Throws SceneError where there is none. */
export async function readScene(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SceneError(`Reading the scene ${path} failed. Check the path; it must be a MuJoCo XML file.`, { cause });
  }
}

/**
 * Compiles a scene.
 *
 * @param target replaces size and mass of the shape `target`; its inertia follows, as it is compiled with them.
 * @param discardVisual leaves out all shapes that take no part in the physics: they cost time in every step.
 * @throws SceneError with MuJoCo's own complaint.
 */
export function compileScene(
  mujoco: MainModule,
  path: string,
  xml: string,
  target: TargetOptions | undefined,
  discardVisual: boolean,
): MjModel {
  let spec: MjSpec | undefined;
  try {
    spec = mujoco.parseXMLString(xml);
    spec.compiler.discardvisual = discardVisual;
    if (target) setTarget(mujoco, spec, target);
    return mujoco.mj_compile(spec);
  } catch (cause) {
    if (cause instanceof SceneError) throw cause;
    const complaint = cause instanceof Error ? cause.message.trim() : String(cause);
    throw new SceneError(`Compiling the scene ${path} failed: ${complaint}`, { cause });
  } finally {
    spec?.delete();
  }
}

function setTarget(mujoco: MainModule, spec: MjSpec, target: TargetOptions): void {
  const element = mujoco.mjs_findElement(spec, mujoco.mjtObj.mjOBJ_GEOM, 'target');
  const geom = element && mujoco.mjs_asGeom(element);
  if (!geom) throw new SceneError('The scene has no geom "target" whose size and mass could be set.');
  // A view of three doubles, by MuJoCo's mjsGeom.
  const halfExtents = geom.size as Float64Array;
  for (let i = 0; i < 3; i++) halfExtents[i] = (target.size[i as 0 | 1 | 2] as number) / 2;
  geom.mass = target.mass;
  geom.delete();
  element.delete();
}
