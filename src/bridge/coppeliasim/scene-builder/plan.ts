import type { Vector3 } from '../../../common/rotations.ts';
import { assignMasks, type Masks } from './collision-masks.ts';
import { frictionFactors } from './friction.ts';
import { type MassProperties, remainder, share, solid, volume } from './mass.ts';
import { asAlias, type SceneNames } from './names.ts';
import type { ModelBody, ModelGeom, ModelJoint, SceneModel } from './scene-model.ts';

/** How a link hangs on the one above it. */
export type Connection =
  /** Fixed to it where nothing moves, or on nothing at all. */
  | { readonly kind: 'none' }
  /** Two moving links tied together: CoppeliaSim does that with a force sensor. */
  | { readonly kind: 'rigid'; readonly alias: string }
  | { readonly kind: 'joint'; readonly alias: string; readonly joint: ModelJoint };

/** One rigid object to be: a shape, or a dummy where there is nothing to show or to move. */
export interface Link {
  readonly alias: string;
  readonly body: ModelBody;
  /** Index of the link above in the plan, -1 for none. */
  readonly parent: number;
  readonly connection: Connection;
  /** What collides; or, where nothing does, what stands for the body. May be empty. */
  readonly geoms: readonly ModelGeom[];
  /** Shown besides. */
  readonly visuals: readonly ModelGeom[];
  readonly fixed: boolean;
  readonly respondable: boolean;
  /**
   * Whether moving links hang on it although it is fixed itself: it must be part of the physics then, even where nothing
   * is to touch it.
   */
  readonly anchor: boolean;
  /** Whether it stands between two joints of its body, and so where the body never is. */
  readonly intermediate: boolean;
  /** In the world, at the reference configuration; undefined for what is fixed. */
  readonly mass: MassProperties | undefined;
  readonly masks: Masks;
  /** Bullet multiplies the two factors of a contact. */
  readonly friction: number;
  readonly sites: ModelBody['sites'];
}

export interface Plan {
  /** Parents first. */
  readonly links: readonly Link[];
  readonly notes: readonly string[];
}

type Draft = Omit<Link, 'masks' | 'friction' | 'anchor'>;

/** A body between two joints of the same body carries this much of its mass. */
const BETWEEN_JOINTS = 0.05;

/** Decides which objects a scene gets. Nothing is made yet. */
export function planScene(model: SceneModel, names: SceneNames): Plan {
  const links: Draft[] = [];
  const notes = [...model.notes];
  /** By body: the link that its children hang on. */
  const linkOf = new Map<number, number>();
  for (const body of model.bodies) {
    if (body.index === 0) {
      for (const geom of body.geoms) links.push(worldLink(body, geom, names));
      if (body.sites.length > 0) links.push({ ...bare(body, 'world', -1), sites: body.sites });
      continue;
    }
    const parent = body.parent === 0 ? -1 : (linkOf.get(body.parent) as number);
    linkOf.set(body.index, addBody(links, body, parent, names, notes));
  }
  const { masks, extra } = assignMasks(links.length, treesOf(links), collisionsOf(links, model));
  if (extra > 0)
    notes.push(`${extra} pairs of objects collide that do not in the model: eight collision groups are all there are`);
  const frictions = frictionFactors(links.length, collisionsOf(links, model));
  return {
    links: links.map((link, i) => ({
      ...link,
      anchor: link.fixed && links.some(({ parent, connection }) => parent === i && connection.kind !== 'none'),
      masks: masks[i] as Masks,
      friction: frictions[i] as number,
    })),
    notes,
  };
}

function bare(body: ModelBody, alias: string, parent: number): Draft {
  const none = { geoms: [], visuals: [], sites: [], respondable: false, intermediate: false, mass: undefined };
  return { alias, body, parent, connection: { kind: 'none' }, fixed: body.fixed, ...none };
}

function worldLink(body: ModelBody, geom: ModelGeom, names: SceneNames): Draft {
  const alias = names.worldGeoms[geom.name] ?? asAlias(geom.name || `geom_${geom.index}`);
  return { ...bare(body, alias, -1), geoms: [geom], fixed: true, respondable: geom.collides };
}

/** Adds a body's links and returns the one that its children hang on. */
function addBody(links: Draft[], body: ModelBody, parent: number, names: SceneNames, notes: string[]): number {
  const alias = names.bodies[body.name] ?? asAlias(body.name);
  const own = body.geoms.filter(geom => names.ownShapes[geom.name] !== undefined && !body.fixed);
  const rest = body.geoms.filter(geom => !own.includes(geom));
  const colliding = rest.filter(geom => geom.collides);
  const shown = rest.filter(geom => !geom.collides && geom.visible);
  // What is fixed and never touched is nothing but its looks.
  const geoms = colliding.length > 0 || !body.fixed ? colliding : shown;
  const parts = split(body, own);
  let mass = body.fixed ? undefined : parts.rest;
  let above = parent;
  const joints = body.joints;
  if (joints.length > 1 && mass !== undefined) {
    // CoppeliaSim moves a joint only where both its ends are shapes with mass.
    const between = share(mass, BETWEEN_JOINTS);
    notes.push(
      `the ${joints.length} joints of ${body.name} get bodies of ${between.mass.toPrecision(2)} kg between them`,
    );
    for (const joint of joints.slice(0, -1)) {
      const connection = jointConnection(joint, names);
      links.push({ ...bare(body, `${connection.alias}_link`, above), connection, mass: between, intermediate: true });
      above = links.length - 1;
    }
    mass = share(mass, 1 - BETWEEN_JOINTS * (joints.length - 1));
  }
  const last = joints.at(-1);
  links.push({
    ...bare(body, alias, above),
    connection:
      last !== undefined
        ? jointConnection(last, names)
        : body.fixed || body.free || above < 0
          ? { kind: 'none' }
          : { kind: 'rigid', alias: names.connections[body.name] ?? `${alias}_connection` },
    geoms,
    visuals: geoms === shown ? [] : shown,
    respondable: colliding.length > 0,
    mass,
    sites: body.sites,
  });
  const main = links.length - 1;
  for (const [i, geom] of own.entries()) {
    const { alias, connection } = names.ownShapes[geom.name] as { alias: string; connection: string }; // Filtered so.
    const tie: Connection = { kind: 'rigid', alias: connection };
    const link = { ...bare(body, alias, main), connection: tie, geoms: [geom], respondable: geom.collides };
    links.push({ ...link, mass: parts.own[i] as MassProperties });
  }
  return main;
}

function jointConnection(joint: ModelJoint, names: SceneNames): Connection & { readonly alias: string } {
  return { kind: 'joint', alias: names.joints[joint.name] ?? asAlias(joint.name), joint };
}

/** MuJoCo keeps no masses of single shapes: a body's is shared out among what collides, by volume. */
function split(body: ModelBody, own: readonly ModelGeom[]): { rest: MassProperties; own: MassProperties[] } {
  if (own.length === 0) return { rest: body.mass, own: [] };
  const colliding = body.geoms.filter(geom => geom.collides);
  const all = new Set([...colliding, ...own]);
  const total = [...all].reduce((sum, geom) => sum + volume(geom.kind, geom.size), 0);
  const parts = own.map(geom => {
    const mass = (body.mass.mass * volume(geom.kind, geom.size)) / total;
    return solid(mass, geom.pose, boundingHalfExtents(geom));
  });
  const rest = remainder(body.mass, parts);
  if (rest !== undefined) return { rest, own: parts };
  // The body's inertia is not that of its shapes: then each part is heavy the way the whole is.
  const shares = parts.map(part => share(body.mass, part.mass / body.mass.mass));
  const left = 1 - parts.reduce((sum, part) => sum + part.mass, 0) / body.mass.mass;
  return { rest: share(body.mass, Math.max(left, BETWEEN_JOINTS)), own: shares };
}

/** Half extents of the box around a shape, in its own frame, m. */
export function boundingHalfExtents({ kind, size: [a, b, c] }: ModelGeom): Vector3 {
  if (kind === 'sphere') return [a, a, a];
  if (kind === 'cylinder') return [a, a, b];
  if (kind === 'capsule') return [a, a, a + b];
  return [a, b, c];
}

/** Two objects whose trees have the same root compare their local masks, and otherwise their global ones. */
function treesOf(links: readonly Draft[]): number[] {
  const trees: number[] = [];
  for (const [i, { parent }] of links.entries()) trees.push(parent < 0 ? i : (trees[parent] as number));
  return trees;
}

export interface LinkCollision {
  readonly links: readonly [number, number];
  readonly friction: number;
}

function collisionsOf(links: readonly Draft[], model: SceneModel): LinkCollision[] {
  const linkOf = new Map<number, number>();
  for (const [i, { geoms }] of links.entries()) for (const geom of geoms) linkOf.set(geom.index, i);
  const found = new Map<string, LinkCollision>();
  for (const { geoms, friction } of model.collisions) {
    const pair = geoms.map(geom => linkOf.get(geom));
    const [a, b] = pair;
    if (a === undefined || b === undefined || a === b) continue;
    const links: [number, number] = a < b ? [a, b] : [b, a];
    const key = links.join(' ');
    found.set(key, { links, friction: Math.max(friction, found.get(key)?.friction ?? 0) });
  }
  return [...found.values()];
}
