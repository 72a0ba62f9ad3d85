import type { MainModule, MjModel } from '@mujoco/mujoco';
import { SceneError } from '../errors.ts';

/** The kinds of things that are looked up by name, with MuJoCo's numbers for them (mjtObj). */
const kinds = { body: 1, joint: 3, geom: 5, site: 6, material: 14, actuator: 19, sensor: 20 } as const;
export type NamedKind = keyof typeof kinds;

/** Whether a model has a thing of that name. */
export function isNamed(mujoco: MainModule, model: MjModel, kind: NamedKind, name: string): boolean {
  return mujoco.mj_name2id(model, kinds[kind], name) >= 0;
}

/** Names of all things of a kind; those without a name are left out. */
export function namesOf(mujoco: MainModule, model: MjModel, kind: NamedKind): string[] {
  const counts = {
    body: model.nbody,
    joint: model.njnt,
    geom: model.ngeom,
    site: model.nsite,
    material: model.nmat,
    actuator: model.nu,
    sensor: model.nsensor,
  };
  return Array.from({ length: counts[kind] }, (_, index) => nameOf(mujoco, model, kind, index)).filter(Boolean);
}

/** Index of a named thing of a model. Throws SceneError where the scene has none of that name. */
export function indexOf(mujoco: MainModule, model: MjModel, kind: NamedKind, name: string): number {
  const index = mujoco.mj_name2id(model, kinds[kind], name);
  if (index < 0)
    throw new SceneError(
      `The scene has no ${kind} named "${name}", which the simulator needs. See scenes/sawyer-grasp.xml for all names.`,
    );
  return index;
}

/** Name of a thing of a model, or the empty string. */
export function nameOf(mujoco: MainModule, model: MjModel, kind: NamedKind, index: number): string {
  // The bindings (3.14.0) make text of the null pointer that stands for no name: what lies at address 0.
  const name = mujoco.mj_id2name(model, kinds[kind], index) ?? '';
  return mujoco.mj_name2id(model, kinds[kind], name) === index ? name : '';
}
