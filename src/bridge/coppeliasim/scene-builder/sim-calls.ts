import type { Vector3 } from '../../../common/rotations.ts';
import { SceneError } from '../../errors.ts';
import type { Pose } from '../../simulator.ts';

/** How functions of the simulator are called: by a remote API client, or whatever stands for one. */
export interface Caller {
  call(func: string, args?: readonly unknown[]): Promise<unknown[]>;
}

/** Numbers that CoppeliaSim 4.6 and later have for these names; as `zmqRemoteApi.info` of 4.10 gives them. */
export const constants = {
  scene: -12,
  world: -1,
  joint: { revolute: 10, prismatic: 11, spherical: 12 },
  jointModeDynamic: 5,
  drive: { free: 0, force: 1, velocity: 4, position: 8 },
  primitive: { cuboid: 3, spheroid: 4, cylinder: 5, capsule: 8 },
  int: { dynamicEngine: 8 },
  float: { simulationTimeStep: 1, physicsTimeStep: 5 },
  array: { gravity: 0 },
  shape: { static: 3003, respondable: 3004, respondableMask: 3019 },
  object: { visibilityLayer: 10 },
  jointParam: { driveMode: 2039 },
  colorAmbientDiffuse: 0,
  bullet: { engine: 0, frictionOf278: 6002, friction: 6003 },
  simulationStopped: 0,
} as const;

/** The functions that building a scene takes, each returning what it makes sense of. */
export class SimCalls {
  private readonly caller: Caller;

  constructor(caller: Caller) {
    this.caller = caller;
  }

  /** Any function that returns nothing worth knowing. */
  async do(func: string, ...args: unknown[]): Promise<void> {
    await this.caller.call(`sim.${func}`, args);
  }

  /** Throws SceneError where no number comes back. */
  async number(func: string, ...args: unknown[]): Promise<number> {
    const [value] = await this.caller.call(`sim.${func}`, args);
    if (typeof value !== 'number') throw this.strange(func, 'a number', value);
    return value;
  }

  /** A handle. Throws SceneError where the simulator says, with -1, that it made none. */
  async handle(func: string, ...args: unknown[]): Promise<number> {
    const handle = await this.number(func, ...args);
    if (handle < 0) throw this.strange(func, 'the handle of an object', handle);
    return handle;
  }

  async pose(handle: number): Promise<Pose> {
    const [value] = await this.caller.call('sim.getObjectPose', [handle]);
    if (!Array.isArray(value) || value.length !== 7 || !value.every(Number.isFinite))
      throw this.strange('getObjectPose', 'seven finite numbers', value);
    const [x, y, z, qx, qy, qz, qw] = value as [...[number, number, number, number, number, number, number]]; // Checked.
    return { position: [x, y, z], orientation: [qx, qy, qz, qw] };
  }

  setPose(handle: number, { position, orientation }: Pose): Promise<void> {
    return this.do('setObjectPose', handle, [...position, ...orientation]);
  }

  setAlias(handle: number, alias: string): Promise<void> {
    return this.do('setObjectAlias', handle, alias);
  }

  /** Hangs an object on another one, where it is. */
  setParent(handle: number, parent: number): Promise<void> {
    return this.do('setObjectParent', handle, parent, true);
  }

  setColor(handle: number, color: Vector3): Promise<void> {
    return this.do('setShapeColor', handle, null, constants.colorAmbientDiffuse, [...color]);
  }

  private strange(func: string, wanted: string, found: unknown): SceneError {
    const shown = typeof found === 'number' ? String(found) : Array.isArray(found) ? 'a list' : `a ${typeof found}`;
    return new SceneError(
      `Building the scene failed: sim.${func} was to return ${wanted}, but returned ${shown}. The simulator must be CoppeliaSim 4.6 or later.`,
    );
  }
}
