import * as z from 'zod';
import { parseOptions } from '../../common/options.ts';
import { acquireScene } from './compiled-scenes.ts';
import { defaultScene, type TargetOptions } from './scene-file.ts';
import { MujocoSimulator } from './simulator.ts';

export interface MujocoSimulatorOptions {
  /**
   * A MuJoCo XML file with the names of `scenes/sawyer-grasp.xml`, which is the default. Files that it refers to must be
   * in its folder or below it.
   */
  readonly scene?: string;
  /** Size and mass of the block to grasp; the scene's own by default: 5 × 10 × 5 cm, 0.25 kg. */
  readonly target?: TargetOptions;
}

const extent = z.number().positive().max(1);
/** Its options, see {@link MujocoSimulatorOptions}. */
export const mujocoOptions = z.strictObject({
  scene: z.string().optional(),
  target: z.object({ size: z.tuple([extent, extent, extent]), mass: z.number().positive().max(100) }).optional(),
});

/**
 * Opens the embedded simulator, which starts with everything where the scene file puts it.
 *
 * @throws UsageError for wrong options, SceneError for a scene that cannot be used.
 */
export async function createMujocoSimulator(options: MujocoSimulatorOptions = {}): Promise<MujocoSimulator> {
  const { scene, target } = parseOptions(mujocoOptions, options, 'the mujoco simulator');
  return new MujocoSimulator(await acquireScene(scene ?? defaultScene, target));
}
