import type { Arguments } from '../arguments.ts';
import { type Context, objectOf } from './function.ts';

/** `sim.handle_scene` and `sim.handle_app`: the scene and the program itself can carry data, as objects can. */
export const sceneHandle = -12;
export const appHandle = -13;

const carriers: Readonly<Record<number, string>> = { [sceneHandle]: 'scene', [appHandle]: 'app' };

/** What data of an object, or of the scene, is stored under. */
export function carrierOf(args: Arguments, { world }: Context): string {
  const handle = args.integer(0);
  return carriers[handle] ?? `object ${objectOf(world.scene, handle).handle}`;
}
