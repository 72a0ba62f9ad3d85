import type { Pose } from '../../simulator.ts';
import type { SceneObject } from '../scene/scene-object.ts';
import { simulationStates } from '../simulation.ts';
import type { Stored } from '../stores.ts';
import { poseList } from '../values.ts';
import type { Context } from './function.ts';
import type { PropertyTypeName } from './property-types.ts';

/** A property that objects, the scene or the program have without anybody making it. */
export interface BuiltInProperty {
  readonly type: PropertyTypeName;
  get(): Stored | Promise<Stored>;
  /** The call that changes it; none for one that cannot be changed. */
  set?(value: Stored): readonly [name: string, args: readonly unknown[]];
}

export type BuiltInProperties = ReadonlyMap<string, BuiltInProperty>;

/** `sim.shapeintparam_static`, `_respondable`, `sim.objintparam_visibility_layer`, `sim.jointintparam_dynctrlmode` */
const staticShape = 3003;
const respondable = 3004;
const visibilityLayer = 10;
const dynamicControlMode = 2039;
/** `sim.bullet_body_friction`, and what CoppeliaSim gives a shape. */
const bulletFriction = 6003;
const defaultFriction = 0.5;

function listOf(pose: Pose): number[] {
  return [...poseList(pose)];
}

/** Properties of an object, by the names that CoppeliaSim 4.10 gives them. */
export function objectProperties(object: SceneObject, { world }: Context): BuiltInProperties {
  const { handle, joint, shape, parameters } = object;
  const own: [string, BuiltInProperty][] = [
    ['alias', { type: 'String', get: () => object.alias, set: value => ['sim.setObjectAlias', [handle, value]] }],
    [
      'pose',
      {
        type: 'Pose',
        get: async () => listOf(await world.poseOf(object)),
        set: value => ['sim.setObjectPose', [handle, value]],
      },
    ],
    [
      'layer',
      {
        type: 'Int',
        get: () => parameters.get(visibilityLayer) ?? 1,
        set: value => ['sim.setObjectInt32Param', [handle, visibilityLayer, value]],
      },
    ],
    ['visible', { type: 'Bool', get: () => (parameters.get(visibilityLayer) ?? 1) !== 0 }],
    ['selected', { type: 'Bool', get: () => false }],
    ['objectType', { type: 'String', get: () => object.type }],
  ];
  if (shape)
    own.push(
      ['mass', { type: 'Float', get: () => shape.mass, set: value => ['sim.setShapeMass', [handle, value]] }],
      [
        'dynamic',
        {
          type: 'Bool',
          get: () => parameters.get(staticShape) !== 1,
          set: value => ['sim.setObjectInt32Param', [handle, staticShape, value ? 0 : 1]],
        },
      ],
      [
        'respondable',
        {
          type: 'Bool',
          get: () => parameters.get(respondable) === 1,
          set: value => ['sim.setObjectInt32Param', [handle, respondable, value ? 1 : 0]],
        },
      ],
      [
        'bullet.friction',
        {
          type: 'Float',
          get: () => parameters.get(bulletFriction) ?? defaultFriction,
          set: value => ['sim.setObjectFloatParam', [handle, bulletFriction, value]],
        },
      ],
    );
  if (joint)
    own.push(
      [
        'jointPosition',
        {
          type: 'Float',
          get: () => world.jointPosition(joint),
          set: value => ['sim.setJointPosition', [handle, value]],
        },
      ],
      [
        'targetForce',
        { type: 'Float', get: () => joint.targetForce, set: value => ['sim.setJointTargetForce', [handle, value]] },
      ],
      ['interval', { type: 'FloatArray', get: () => [joint.lower, joint.upper] }],
      ['cyclic', { type: 'Bool', get: () => false }],
      [
        'dynCtrlMode',
        {
          type: 'Int',
          get: () => joint.control,
          set: value => ['sim.setObjectInt32Param', [handle, dynamicControlMode, value]],
        },
      ],
    );
  return new Map(own);
}

/** Properties of the scene. */
export function sceneProperties({ world, simulation }: Context): BuiltInProperties {
  return new Map<string, BuiltInProperty>([
    ['dynamicsStepSize', { type: 'Float', get: () => world.period / 10 }],
    ['gravity', { type: 'Vector3', get: () => [0, 0, -9.81] }],
    ['simulationState', { type: 'Int', get: () => simulationStates[simulation.state] }],
  ]);
}

/** Properties of the program. */
export function applicationProperties({ call }: Context): BuiltInProperties {
  return new Map<string, BuiltInProperty>([
    ['productVersion', { type: 'String', get: () => '4.10.0.0' }],
    ['productVersionNb', { type: 'Int', get: () => 4_100_000 }],
    ['headlessMode', { type: 'Int', get: () => 2 }],
    ['idleFps', { type: 'Int', get: async () => Number((await call('sim.getInt32Param', [26]))[0]) }],
    ['platform', { type: 'Int', get: async () => Number((await call('sim.getInt32Param', [19]))[0]) }],
  ]);
}
