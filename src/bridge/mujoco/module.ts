import loadMujoco, { type MainModule } from '@mujoco/mujoco';
import { PhysicsEngineError } from '../errors.ts';

let loading: Promise<MainModule> | undefined;

/** MuJoCo's WebAssembly module: one for the whole process, because loading takes tenths of a second. */
export async function mujocoModule(): Promise<MainModule> {
  loading ??= loadMujoco();
  try {
    return await loading;
  } catch (cause) {
    loading = undefined;
    throw new PhysicsEngineError(
      'Loading the embedded MuJoCo failed. Reinstall @mujoco/mujoco (npm ci); it needs Node 20.19 or later.',
      { cause },
    );
  }
}
