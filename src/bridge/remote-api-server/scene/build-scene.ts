import { SceneError } from '../../errors.ts';
import type { Kinematics } from '../../kinematics.ts';
import type { TargetOptions } from '../../mujoco/scene-file.ts';
import type { Pose, SceneDescription, Simulator, SimulatorState } from '../../simulator.ts';
import { relative } from '../poses.ts';
import { poseOf } from '../values.ts';
import { type ListedObject, listedObjects } from './objects-file.ts';
import { Scene } from './scene.ts';
import type { JointDrive, JointSettings, SceneObject, ShapeSettings } from './scene-object.ts';

/** Angles of the arm in the list of objects: those of the original scene as it is loaded, rad. */
export const listedAngles: readonly number[] = [0, -Math.PI / 2, 0, 0, 0, 0, 0];
/** Opening of the gripper in the list, m. */
export const listedOpening = 0.08;

/** Which body of `scenes/sawyer-grasp.xml` carries what; whatever else there is hangs on its parent in the list. */
const carriers: readonly (readonly [pattern: RegExp, body: (number: number) => string])[] = [
  [/^Sawyer$/, () => 'base'],
  [/^Sawyer_joint1$/, () => 'base'],
  [/^Sawyer_joint([2-7])$/, number => `l${number - 2}`],
  [/^Sawyer_link([1-7])(?:_visible)?$/, number => `l${number - 1}`],
  [/^Sawyer_(?:wrist_connector|tip)$/, () => 'hand'],
  [/^BaxterGripper(?:_(?:leftJoint|rightJoint|attachPoint|attachProxSensor))?$/, () => 'hand'],
  [/^BaxterGripper_left(?:Finger|Pad|FingerPad_connection)$/, () => 'left_finger'],
  [/^BaxterGripper_(?:rightFinger|righPad|rightFingerPad_connection)$/, () => 'right_finger'],
  [/^diningTable$/, () => 'table'],
  [/^target$/, () => 'target'],
];

function carrierOf(alias: string): string | undefined {
  for (const [pattern, body] of carriers) {
    const found = pattern.exec(alias);
    if (found) return body(Number(found[1]));
  }
  return undefined;
}

function driveOf(alias: string): JointDrive {
  const arm = /^Sawyer_joint([1-7])$/.exec(alias);
  if (arm) return { kind: 'arm', index: Number(arm[1]) - 1 };
  const finger = /^BaxterGripper_(left|right)Joint$/.exec(alias);
  // Only these two are matched.
  return finger ? { kind: 'finger', side: finger[1] as 'left' | 'right' } : { kind: 'none' };
}

function jointOf({ alias, joint }: ListedObject, { limits }: Kinematics): JointSettings | undefined {
  if (joint === undefined) return undefined;
  const drive = driveOf(alias);
  const [lowest, range] = joint.interval;
  return {
    drive,
    prismatic: joint.kind === 11,
    lower: drive.kind === 'arm' ? (limits.lower[drive.index] as number) : lowest,
    upper: drive.kind === 'arm' ? (limits.upper[drive.index] as number) : lowest + range,
    position: joint.position,
    control: joint.control,
    targetPosition: joint.position,
    targetVelocity: 0,
    targetForce: joint.maximumForce,
  };
}

/** Throws SceneError if the scene lacks a body or a pad that objects of the list are carried by. */
function checkCarriers(listed: readonly ListedObject[], { bodies }: SceneDescription): void {
  const carried = new Map<string, string[]>();
  for (const { alias } of listed) {
    const body = carrierOf(alias);
    if (body !== undefined) carried.set(body, [...(carried.get(body) ?? []), alias]);
  }
  const hasBody = (name: string) => bodies.some(body => body.name === name);
  const hasShape = (name: string) => bodies.some(({ shapes }) => shapes.some(shape => shape.name === name));
  const missing = [...carried]
    .filter(([body]) => !hasBody(body))
    .map(([body, aliases]) => `body "${body}", which carries ${aliases.join(', ')}`);
  for (const shape of ['right_pad', 'table']) if (!hasShape(shape)) missing.push(`geom "${shape}"`);
  if (missing.length > 0)
    throw new SceneError(
      `The scene lacks names that the remote API's objects need:${missing.map(line => `\n  ${line}`).join('')}\nGive its parts the names of scenes/sawyer-grasp.xml.`,
    );
}

/** Poses that the physics knows better than the list: by alias, in the frame of the body that carries the object. */
function exactOffsets(state: SimulatorState, description: SceneDescription): ReadonlyMap<string, Partial<Pose>> {
  const shapePosition = (name: string) => ({
    position: description.bodies.flatMap(({ shapes }) => shapes).find(shape => shape.name === name)?.pose.position,
  });
  const gripper = relative(state.tip, state.gripper);
  const entries: readonly (readonly [string, { readonly [Key in keyof Pose]?: Pose[Key] | undefined }])[] = [
    ['Sawyer_tip', { position: [0, 0, 0], orientation: [0, 0, 0, 1] }],
    ['BaxterGripper', gripper],
    ['target', { position: [0, 0, 0], orientation: [0, 0, 0, 1] }],
    ['BaxterGripper_leftPad', shapePosition('left_pad')],
    ['BaxterGripper_righPad', shapePosition('right_pad')],
  ];
  return new Map(
    entries.map(([alias, { position, orientation }]) => [
      alias,
      { ...(position && { position }), ...(orientation && { orientation }) },
    ]),
  );
}

/**
 * The original scene's tree of objects upon the bodies of the embedded simulator.
 *
 * The simulator must be in the state that the list shows: an object then keeps the pose that it has there relative to
 * its body. Tip, gripper, pads and target are where the physics has them, to the last digit.
 *
 * @throws SceneError naming all bodies and shapes that carry listed objects and that the scene lacks.
 */
export async function buildScene(simulator: Simulator, target: TargetOptions): Promise<Scene> {
  const [state, description, poses] = await Promise.all([
    simulator.state(),
    simulator.describe(),
    simulator.bodyPoses(),
  ]);
  const bodies = new Map(description.bodies.map(({ name }, index) => [name, index]));
  const listed = new Map(listedObjects().map(object => [object.handle, object]));
  checkCarriers([...listed.values()], description);
  const exact = exactOffsets(state, description);
  const pose = ({ position, quaternion }: ListedObject) => poseOf([...position, ...quaternion]);
  const scene = new Scene();
  for (const object of listed.values()) {
    const carrier = carrierOf(object.alias);
    const body = carrier === undefined ? -1 : (bodies.get(carrier) ?? -1);
    const parent = listed.get(object.parent);
    const frame = body >= 0 ? poseOf(poses, 7 * body) : parent ? pose(parent) : undefined;
    const joint = jointOf(object, simulator.kinematics);
    scene.insert({
      handle: object.handle,
      alias: object.alias,
      type: object.type,
      parent: object.parent,
      body,
      offset: { ...(frame ? relative(frame, pose(object)) : pose(object)), ...exact.get(object.alias) },
      ...(joint && { joint }),
      ...(object.shape && { shape: shapeOf(object.alias, object.shape, target) }),
      parameters: new Map(
        object.shape
          ? [
              [3003, Number(object.shape.static)],
              [3004, Number(object.shape.respondable)],
            ]
          : [],
      ),
      made: false,
    } satisfies SceneObject);
  }
  return scene;
}

function shapeOf(
  alias: string,
  { box, mass }: NonNullable<ListedObject['shape']>,
  target: TargetOptions,
): ShapeSettings {
  const color = [0.5, 0.5, 0.5] as const;
  if (alias !== 'target') return { box, mass, color };
  return { box: boxOf(target.size), mass: target.mass, color };
}

/** Corners of a box about its centre, of full extents. */
export function boxOf([x, y, z]: readonly [number, number, number]): ShapeSettings['box'] {
  return [-x / 2, x / 2, -y / 2, y / 2, -z / 2, z / 2];
}
