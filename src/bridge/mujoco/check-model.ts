import type { MainModule, MjModel } from '@mujoco/mujoco';
import { SceneError } from '../errors.ts';
import { indices, numbers } from './model-arrays.ts';
import { indexOf, isNamed, type NamedKind, nameOf, namesOf } from './names.ts';

/** What the simulator looks up by name, and what it is for. */
const required: readonly (readonly [kind: NamedKind, name: string, purpose: string])[] = [
  ...[0, 1, 2, 3, 4, 5, 6].map(i => ['joint', `j${i}`, `hinge ${i + 1} of the arm, from the base`] as const),
  ['joint', 'left_finger', 'slide of the left finger'],
  ['joint', 'right_finger', 'slide of the right finger'],
  ['joint', 'target', 'free joint of the block to grasp'],
  ...[0, 1, 2, 3, 4, 5, 6].map(i => ['actuator', `j${i}`, `velocity servo of joint j${i}`] as const),
  ['actuator', 'gripper', "position servo of the gripper's opening"],
  ['body', 'left_finger', 'the left finger'],
  ['geom', 'left_pad', 'the pad of the left finger'],
  ['geom', 'target', 'the block to grasp, a box'],
  ['site', 'tip', 'where the wrist ends'],
  ['site', 'gripper', "the gripper's frame"],
  ['site', 'proximity', 'the proximity sensor'],
  ...(['left', 'right'] as const).flatMap(side =>
    (['target', 'table'] as const).map(
      thing => ['sensor', `${side}_pad_${thing}`, `contact of the ${side} pad with the ${thing}`] as const,
    ),
  ),
];

/** Types of joints by MuJoCo's numbers (mjtJoint). */
const jointTypes = ['free', 'ball', 'slide', 'hinge'] as const;
const freeJoint = jointTypes.indexOf('free');
/** MuJoCo's number for boxes (mjGEOM_BOX). */
const boxGeom = 6;

/** Other names of a kind that a message lists. */
const longestList = 12;

/**
 * Checks that a compiled scene is one that the simulator can step.
 *
 * @throws SceneError with all names that are missing, or with the free bodies that would fall for ever.
 */
export function checkModel(mujoco: MainModule, model: MjModel, path: string): void {
  const missing = required.filter(([kind, name]) => !isNamed(mujoco, model, kind, name));
  if (missing.length > 0) throw new SceneError(describeMissing(mujoco, model, path, missing));
  const wrong = wrongParts(mujoco, model);
  if (wrong.length > 0)
    throw new SceneError(
      `The scene ${path} is not built as the simulator needs it:${wrong.map(line => `\n  ${line}`).join('')}\nSee scenes/sawyer-grasp.xml.`,
    );
  const falling = fallingBodies(mujoco, model);
  if (falling.length > 0)
    throw new SceneError(
      `In the scene ${path} nothing holds ${falling.map(name => `the free body "${name}"`).join(', ')}: ` +
        'it collides with nothing that stands still, and falls through table and floor. Add a <pair geom1="…" geom2="table"/> ' +
        'to <contact> for its shapes, as scenes/sawyer-grasp.xml has for the target, or give them contype and conaffinity that match the table’s.',
    );
}

function describeMissing(mujoco: MainModule, model: MjModel, path: string, missing: typeof required): string {
  const lines = missing.map(([kind, name, purpose]) => `\n  ${kind} "${name}": ${purpose}`);
  const others = [...new Set(missing.map(([kind]) => kind))].flatMap(kind => {
    const free = namesOf(mujoco, model, kind).filter(
      name => !required.some(([of, known]) => of === kind && known === name),
    );
    if (free.length === 0) return [];
    const shown = free.slice(0, longestList).map(name => `"${name}"`);
    return [`\nOther names of the kind ${kind} there: ${shown.join(', ')}${free.length > shown.length ? ' …' : ''}.`];
  });
  return (
    `The scene ${path} lacks ${missing.length === 1 ? 'a name' : `${missing.length} names`} that the simulator needs:${lines.join('')}` +
    `${others.join('')}\nRename the scene's own parts, or copy what is missing from scenes/sawyer-grasp.xml, which has all of them.`
  );
}

/** What is there by name, but is of another kind or at another place than the simulator expects. */
function wrongParts(mujoco: MainModule, model: MjModel): string[] {
  const arm = [0, 1, 2, 3, 4, 5, 6].map(i => `j${i}`);
  const index = (kind: NamedKind, name: string) => indexOf(mujoco, model, kind, name);
  const types = indices(model.jnt_type);
  const wanted = new Map([
    ...arm.map(name => [name, 'hinge'] as const),
    ['left_finger', 'slide'] as const,
    ['right_finger', 'slide'] as const,
    ['target', 'free'] as const,
  ]);
  const wrong = [...wanted].flatMap(([name, type]) => {
    const actual = jointTypes[types[index('joint', name)] as number];
    return actual === type ? [] : [`joint "${name}" must be of the type ${type}, but is of the type ${actual}`];
  });
  const follow = (kind: NamedKind) => arm.every((name, i) => index(kind, name) === index(kind, 'j0') + i);
  if (!follow('joint')) wrong.push('the joints j0 … j6 must follow one another, with no other joint between them');
  if (!follow('actuator'))
    wrong.push('the actuators j0 … j6 must follow one another, with no other actuator between them');
  if (indices(model.geom_type)[index('geom', 'target')] !== boxGeom)
    wrong.push('geom "target" must be of the type box');
  for (const [kind, name] of required)
    if (kind === 'sensor' && indices(model.sensor_dim)[index(kind, name)] !== 4)
      wrong.push(`sensor "${name}" must be a <contact> with data="found force" reduce="netforce"`);
  return wrong;
}

/** Names of the free bodies under gravity that nothing fixed to the world can hold up. */
function fallingBodies(mujoco: MainModule, model: MjModel): string[] {
  const option = model.opt;
  const gravity = numbers(option.gravity);
  option.delete();
  if (gravity.every(part => part === 0)) return [];
  const roots = indices(model.body_rootid);
  const welds = indices(model.body_weldid);
  const gravityCompensation = numbers(model.body_gravcomp);
  const owners = indices(model.geom_bodyid);
  const [types, affinities] = [indices(model.geom_contype), indices(model.geom_conaffinity)];
  const geoms = [...owners.keys()];
  const isFixed = (geom: number) => welds[owners[geom] as number] === 0;
  const pairs = [...indices(model.pair_geom1).entries()].map(
    ([i, geom]) => [geom, indices(model.pair_geom2)[i] as number] as const,
  );
  const mayTouch = (a: number, b: number) =>
    ((types[a] as number) & (affinities[b] as number)) !== 0 ||
    ((types[b] as number) & (affinities[a] as number)) !== 0;
  return [...indices(model.jnt_type).entries()].flatMap(([joint, type]) => {
    const body = indices(model.jnt_bodyid)[joint] as number;
    if (type !== freeJoint || (gravityCompensation[body] as number) >= 1) return [];
    const own = new Set(geoms.filter(geom => roots[owners[geom] as number] === body));
    const held =
      pairs.some(([a, b]) => (own.has(a) && isFixed(b)) || (own.has(b) && isFixed(a))) ||
      [...own].some(geom => geoms.some(other => isFixed(other) && mayTouch(geom, other)));
    return held ? [] : [nameOf(mujoco, model, 'body', body) || `number ${body}`];
  });
}
