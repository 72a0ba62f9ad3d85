import type { Arguments } from '../arguments.ts';
import { CallError } from '../errors.ts';
import type { Lanes } from '../lanes.ts';
import type { Scene } from '../scene/scene.ts';
import type { JointSettings, SceneObject, ShapeSettings } from '../scene/scene-object.ts';
import type { Session } from '../session.ts';
import type { Simulation } from '../simulation.ts';
import type { Stores } from '../stores.ts';
import type { World } from '../world.ts';

/** The client is asked to run a function of its own; its results lead to the answer, or to the next question. */
export interface Ask {
  readonly ask: string;
  readonly args: readonly unknown[];
  resume(results: readonly unknown[]): Answer | Promise<Answer>;
}

/** The client is told to wait until something has happened; then it gets the answer. */
export interface Wait {
  until(): boolean;
  finish(): Answer | Promise<Answer>;
}

/** The values that a call returns, none for a call without a result; or what comes before them. */
export type Answer = readonly unknown[] | Ask | Wait;

/** What a function of the remote API works with. */
export interface Context {
  readonly world: World;
  readonly simulation: Simulation;
  readonly session: Session;
  readonly stores: Stores;
  readonly lanes: Lanes;
  /** Takes what clients log: one clean line, and its level. */
  readonly log: (line: string, verbosity: number) => void;
  readonly constants: Readonly<Record<string, number>>;
  /** Names of all functions there are, `sim.getObject` … */
  readonly functionNames: readonly string[];
  /** Calls another function, as a client would; what needs the client's answer cannot be called so. */
  call(name: string, args: readonly unknown[]): Promise<readonly unknown[]>;
}

export type RemoteFunction = (args: Arguments, context: Context) => Answer | Promise<Answer>;

export type RemoteFunctions = Readonly<Record<string, RemoteFunction>>;

/** Flags are added to a handle from this bit on (`sim.handleflag_…`). */
const firstFlag = 1 << 20;

/** A handle without its flags; negative ones (`sim.handle_…`) have none. */
export function plainHandle(handle: number): number {
  return handle < 0 ? handle : handle % firstFlag;
}

/** The flags that were added to a handle. */
export function flagsOf(handle: number): number {
  return handle < 0 ? 0 : handle - plainHandle(handle);
}

/** The object of a handle, or the error that CoppeliaSim gives. */
export function objectOf(scene: Scene, handle: number): SceneObject {
  const object = scene.objects.get(plainHandle(handle));
  if (!object) throw new CallError('object does not exist.');
  return object;
}

/** The object that an argument names. */
export function objectArgument(args: Arguments, index: number, { world }: Context): SceneObject {
  return objectOf(world.scene, args.integer(index));
}

export function jointArgument(args: Arguments, context: Context): JointSettings {
  const { joint } = objectArgument(args, 0, context);
  if (!joint) throw new CallError('object is not a joint.');
  return joint;
}

export function shapeArgument(args: Arguments, context: Context): SceneObject & { readonly shape: ShapeSettings } {
  const object = objectArgument(args, 0, context);
  const { shape } = object;
  if (!shape) throw new CallError('object is not a shape.');
  return object as SceneObject & { readonly shape: ShapeSettings }; // Just checked.
}

/** For what can only be changed while nothing moves. */
export function assertStopped({ simulation }: Context): void {
  if (simulation.state !== 'stopped') throw new CallError('stop the simulation first.');
}
