import { ArmKinematics } from '../arm/inverse-kinematics.ts';
import type { Kinematics } from '../kinematics.ts';
import { acquireScene, releaseScene } from './compiled-scenes.ts';
import { defaultScene } from './scene-file.ts';

/** The tip about (0.275, 0, 0.95) m, hand facing down, fingers sliding along the world's x axis, elbow up. */
export const home: readonly number[] = [-0.295, -1.005, 0, 1.882, 0, 0.69, 1.3];

/**
 * What the arm is drawn to with the wrist bent backwards, as it is at the original task's initial joints. That way of
 * holding the hand leaves joint 4 little room to its limit, so the elbow is kept out to the side.
 */
export const flippedHome: readonly number[] = [-0.395, -1.2, 0.8, 2.3, 2.6, -0.6, 1.85];

/**
 * The arm's kinematics without a simulator, for programs that drive another one.
 *
 * @param options.scene a MuJoCo XML file with the arm; the package's own by default.
 * @throws SceneError
 */
export async function createKinematics(options: { readonly scene?: string } = {}): Promise<Kinematics> {
  const scene = await acquireScene(options.scene ?? defaultScene, undefined);
  try {
    return new ArmKinematics(scene.layout.chain, home, flippedHome);
  } finally {
    releaseScene(scene);
  }
}
