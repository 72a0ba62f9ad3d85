import { intersect } from './intersect.ts';
import { Hit, type Solid } from './solids.ts';

/** A box around some solids: either two children, or the solids themselves. */
interface Node {
  /** Lowest and highest corner, m, `[6]`. */
  readonly bounds: Float64Array;
  readonly children: readonly [Node, Node] | null;
  readonly solids: readonly Solid[];
}

const LEAF_SIZE = 3;
/** Rays start this far from where they come from, m, so as not to meet it again. */
const CLEARANCE = 1e-4;

function boundsOf(solids: readonly Solid[]): Float64Array {
  const bounds = Float64Array.of(Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity);
  for (const { position, extents } of solids)
    for (const i of [0, 1, 2] as const) {
      bounds[i] = Math.min(bounds[i] as number, position[i] - extents[i]);
      bounds[3 + i] = Math.max(bounds[3 + i] as number, position[i] + extents[i]);
    }
  return bounds;
}

/** Halves the solids at the median along the longest side of the box around them. */
function build(solids: readonly Solid[]): Node {
  const bounds = boundsOf(solids);
  if (solids.length <= LEAF_SIZE) return { bounds, children: null, solids };
  const sides = [0, 1, 2].map(i => (bounds[3 + i] as number) - (bounds[i] as number));
  const axis = sides.indexOf(Math.max(...sides)) as 0 | 1 | 2;
  const sorted = [...solids].sort((a, b) => a.position[axis] - b.position[axis]);
  const middle = sorted.length >> 1;
  return { bounds, children: [build(sorted.slice(0, middle)), build(sorted.slice(middle))], solids: [] };
}

/** Whether a ray passes through a box nearer than `limit`. */
function passes(bounds: Float64Array, ray: Float64Array, limit: number): boolean {
  let enter = 0;
  let leave = limit;
  for (let i = 0; i < 3; i++) {
    const inverse = 1 / (ray[3 + i] as number);
    const a = ((bounds[i] as number) - (ray[i] as number)) * inverse;
    const b = ((bounds[3 + i] as number) - (ray[i] as number)) * inverse;
    enter = Math.max(enter, Math.min(a, b));
    leave = Math.min(leave, Math.max(a, b));
  }
  return enter <= leave;
}

function descend(node: Node, ray: Float64Array, hit: Hit, any: boolean): void {
  if (!passes(node.bounds, ray, hit.distance)) return;
  if (node.children === null) {
    for (const solid of node.solids) intersect(solid, ray, CLEARANCE, hit);
    return;
  }
  descend(node.children[0], ray, hit, any);
  if (any && hit.solid !== null) return;
  descend(node.children[1], ray, hit, any);
}

/** All solids of a scene, arranged so that a ray need not ask each of them. */
export class Hierarchy {
  private readonly root: Node;
  private readonly planes: readonly Solid[];
  private readonly shadow = new Hit();

  constructor(solids: readonly Solid[]) {
    this.planes = solids.filter(({ kind }) => kind === 'plane');
    this.root = build(solids.filter(({ kind }) => kind !== 'plane'));
  }

  /** Fills `hit` with the first solid on a ray (`[6]`, origin and unit direction); `hit.solid` is null without one. */
  first(ray: Float64Array, hit: Hit): void {
    hit.distance = Infinity;
    hit.solid = null;
    for (const plane of this.planes) intersect(plane, ray, CLEARANCE, hit);
    descend(this.root, ray, hit, false);
  }

  /** Whether anything stands on a ray nearer than `limit`, m. */
  blocked(ray: Float64Array, limit: number): boolean {
    const { shadow } = this;
    shadow.distance = limit;
    shadow.solid = null;
    descend(this.root, ray, shadow, true);
    return shadow.solid !== null;
  }
}
