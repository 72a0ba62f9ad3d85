import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../../../common/errors.ts';
import { irregularFile } from '../../../common/regular-file.ts';
import { SceneError } from '../../errors.ts';
import { mujocoModule } from '../../mujoco/module.ts';
import { compileScene, defaultScene } from '../../mujoco/scene-file.ts';
import { readScene } from '../../mujoco/scene-source.ts';
import { makeScene, setUpScene } from './make-scene.ts';
import { checkNames, packagedNames, type SceneNames } from './names.ts';
import { planScene } from './plan.ts';
import { readSceneModel } from './scene-model.ts';
import { type Caller, constants, SimCalls } from './sim-calls.ts';
import { verifyScene } from './verify.ts';

export interface BuildSceneOptions {
  /** The file to write; it must end in `.ttt`. */
  readonly out: string;
  /** A MuJoCo XML file; the package's own scene by default. */
  readonly scene?: string;
  /** What things are to be called; by default those of the original scene, for the package's own one. */
  readonly names?: SceneNames;
  /** Writes over a file that is there. */
  readonly force?: boolean;
  readonly onProgress?: (message: string) => void;
}

export interface BuiltScene {
  readonly path: string;
  readonly objects: number;
  readonly joints: number;
  /** Largest distance between where an object is and where the model has it, over several configurations, m. */
  readonly largestDistance: number;
  /** What the model has and the scene has not. */
  readonly notes: readonly string[];
}

/**
 * Builds a MuJoCo scene as a scene of CoppeliaSim, in a running one, and saves it.
 *
 * The new scene takes the place of the one that is open. It is checked against MuJoCo's own kinematics, and saved whole
 * or not at all; where anything fails the new scene is closed. CoppeliaSim must run on this machine.
 *
 * @throws UsageError for a file that is there, or a simulation that runs; SceneError for a model that cannot be used
 * and where the scene is not as the model; what the remote API throws.
 */
export async function buildScene(caller: Caller, options: BuildSceneOptions): Promise<BuiltScene> {
  const path = checkOutput(options.out, options.force === true);
  const progress = options.onProgress ?? (() => {});
  const file = options.scene ?? defaultScene;
  const mujoco = await mujocoModule();
  const compiled = compileScene(mujoco, await readScene(file), undefined, false);
  try {
    const model = readSceneModel(mujoco, compiled);
    const names = options.names ?? packagedNames(model);
    checkNames(names, model);
    const plan = planScene(model, names);
    const sim = new SimCalls(caller);
    if ((await sim.number('getSimulationState')) !== constants.simulationStopped)
      throw new UsageError('A simulation is running in CoppeliaSim. Stop it first: a new scene is opened.');
    progress(`Building ${plan.links.length} links in a new scene.`);
    await sim.do('loadScene', '');
    try {
      await setUpScene(sim, model);
      const made = await makeScene(sim, plan, model, names);
      progress('Checking where everything is.');
      const largestDistance = await verifyScene(sim, made, mujoco, compiled);
      for (const { handle, joint } of made.joints) {
        const position = names.initial[joint.name];
        if (position !== undefined) await sim.do('setJointPosition', handle, position);
      }
      await save(sim, path);
      const { objects, joints } = made;
      return { path, objects: objects.length, joints: joints.length, largestDistance, notes: plan.notes };
    } catch (error) {
      // What went wrong matters more than whether the half-built scene could be closed.
      await sim.do('closeScene').catch(() => {});
      throw error;
    }
  } finally {
    compiled.delete();
  }
}

/** Where a scene is to be written. Throws UsageError where it may not be. */
export function checkOutput(out: string, force: boolean): string {
  const path = resolve(out);
  if (!path.endsWith('.ttt'))
    throw new UsageError(`The scene must be written to a file that ends in .ttt, not ${path}.`);
  const kind = irregularFile(path);
  if (kind !== null) throw new UsageError(`The scene cannot be written to ${path}: it is ${kind}.`);
  if (existsSync(path) && !force)
    throw new UsageError(`There is a file ${path} already. Choose another --out, or write over it with --force.`);
  return path;
}

/** Saved aside and renamed: a file by that name is whole. CoppeliaSim wants the ending to be its own. */
async function save(sim: SimCalls, path: string): Promise<void> {
  const aside = path.replace(/\.ttt$/, `.${process.pid}.partial.ttt`);
  mkdirSync(dirname(path), { recursive: true });
  try {
    await sim.do('saveScene', aside);
    if (!existsSync(aside))
      throw new SceneError(
        `Saving the scene failed: CoppeliaSim wrote no ${aside}. It must run on this machine and be allowed to write there.`,
      );
    renameSync(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
}
